import type { AlertLevel, AlertName } from '../../domain/alert/events.ts';
import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './de-phrases.ts';
import { isYesOrNo, type OperationTexts } from './operation-texts.ts';

const alerts: Record<AlertName, string> = {
  'failed-logins-per-ip': 'fehlgeschlagene Anmeldungen von einer Adresse in einer Stunde',
  'suspicious-logins': 'Anteil verdächtiger Anmeldungen in einer Stunde',
  'session-errors': 'Anteil fehlgeschlagener Sitzungserneuerungen in einer Stunde',
  'email-failures': 'Anteil nicht versandter Mails in einer Stunde',
  'mail-sending-paused': 'der Mail-Anbieter weist uns ab, es gehen keine Mails hinaus',
  'audit-mismatch': 'der Verlauf stimmt nicht mit dem überein, was bewiesen wurde',
};
const levels: Record<AlertLevel, string> = { warning: 'Warnung', critical: 'Kritisch' };

const theTeam = (team: string | null) => (team === null ? 'Ihr Team' : `das Team „${team}“`);
const ofTeam = (team: string | null) => (team === null ? 'Ihres Teams' : `des Teams „${team}“`);

const shown = (alert: AlertName, value: number): string => {
  if (isYesOrNo(alert)) return value === 0 ? 'nein' : 'ja';
  return alert === 'failed-logins-per-ip' ? String(value) : `${(value * 100).toFixed(1).replace('.', ',')} %`;
};

export const operationTexts: OperationTexts = {
  invitationUndeliverable: ({ name, team, at }) => ({
    subject: `Ihre Einladung in ${theTeam(team)} konnte nicht zugestellt werden`,
    preview: 'Die Adresse nimmt keine Mails an.',
    blocks: [
      heading('Eine Einladung ist nicht angekommen'),
      paragraph(greeting(name)),
      paragraph(
        `Sie haben jemanden in ${theTeam(team)} eingeladen, und unser Mail-Anbieter stellt an diese Adresse nicht zu. Prüfen Sie, wie sie geschrieben ist, und laden Sie noch einmal ein.`,
      ),
      facts(['Eingeladen', moment(at)]),
    ],
    reason: `eine Einladung, die Sie bei ${product} ausgesprochen haben, nicht zugestellt werden konnte.`,
  }),

  virtuozzoOutage: ({ name, team, at }) => ({
    subject: `Die Virtuozzo-Plattform antwortet nicht für ${theTeam(team)}`,
    preview: 'Der letzte Sitzungsschlüssel gilt weiter; es ist nichts zu tun.',
    blocks: [
      heading('Die Virtuozzo-Plattform antwortet nicht'),
      paragraph(greeting(name)),
      paragraph(
        `Wir erreichen die Virtuozzo-Plattform nicht, mit der ${theTeam(team)} verbunden ist. Bis sie antwortet, arbeiten wir mit dem letzten Sitzungsschlüssel weiter, der aber ungültig werden kann. Wir versuchen es weiter und machen von selbst weiter, wenn sie wieder da ist: Es ist nichts zu tun, und dies ist die einzige Mail dazu.`,
      ),
      facts(['Seit', moment(at)]),
    ],
    reason: `Sie Owner eines Teams bei ${product} sind, das mit der Virtuozzo-Plattform verbunden ist.`,
  }),

  virtuozzoSignInNeeded: ({ name, team, at }) => ({
    subject: `Verbinden Sie ${theTeam(team)} neu mit der Virtuozzo-Plattform`,
    preview: 'Die Plattform nimmt unseren Schlüssel nicht mehr an.',
    blocks: [
      heading('Das Konto der Plattform muss neu verbunden werden'),
      paragraph(greeting(name)),
      paragraph(
        `Die Virtuozzo-Plattform nimmt den Sitzungsschlüssel ${ofTeam(team)} nicht mehr an und gibt uns keinen neuen; vielleicht wurde das Passwort geändert oder das Token gelöscht. Die Server des Teams können nicht verwaltet werden, bis ein Owner das Konto neu verbindet.`,
      ),
      facts(['Seit', moment(at)]),
    ],
    reason: `Sie Owner eines Teams bei ${product} sind, das mit der Virtuozzo-Plattform verbunden ist.`,
  }),

  alertRaised: ({ alert, level, value, threshold, at }) => ({
    subject: `${levels[level]}: ${alerts[alert]}`,
    preview: `${product} braucht einen Blick.`,
    blocks: [
      heading(`${levels[level]}: ${alerts[alert]}`),
      facts(
        ['Jetzt', shown(alert, value)],
        ['Grenze', isYesOrNo(alert) ? null : shown(alert, threshold)],
        ['Seit', moment(at)],
      ),
      paragraph(
        'Was zu tun ist, steht in docs/operations.md unter dem Namen des Alarms. Sie bekommen eine Mail, wenn es vorbei ist.',
      ),
    ],
    reason: `Sie diese Installation von ${product} betreiben.`,
  }),

  alertCleared: ({ alert, value, raisedAt, at }) => ({
    subject: `Vorbei: ${alerts[alert]}`,
    preview: 'Der Alarm ist aufgehoben.',
    blocks: [
      heading(`Vorbei: ${alerts[alert]}`),
      facts(['Jetzt', shown(alert, value)], ['Ausgelöst', moment(raisedAt)], ['Aufgehoben', moment(at)]),
    ],
    reason: `Sie diese Installation von ${product} betreiben.`,
  }),
};
