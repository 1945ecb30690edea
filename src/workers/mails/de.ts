import { button, code, facts, heading, paragraph } from './content.ts';
import { erased } from './de-erased.ts';
import { administrationTexts } from './de-administration.ts';
import { operationTexts } from './de-operations.ts';
import { passwordTexts } from './de-passwords.ts';
import { chooseNewPassword, count, greeting, moment, product, whenAndWhere } from './de-phrases.ts';
import { suspiciousLogin } from './de-suspicious-login.ts';
import { teamTexts } from './de-teams.ts';
import type { MailTexts } from './mail-texts.ts';

export const de: MailTexts = {
  language: 'de',
  product,
  because: (reason) => `Sie erhalten diese Mail, weil ${reason}`,
  automatic: 'Sie wurde automatisch verschickt; Antworten darauf liest niemand.',

  verification: ({ name, team, link, hoursValid }) => ({
    subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${product}`,
    preview: 'Ein Klick, und Ihr Konto ist bereit.',
    blocks: [
      heading('E-Mail-Adresse bestätigen'),
      paragraph(greeting(name)),
      paragraph(
        `Sie haben ein Konto bei ${product}${team === null ? '' : ` mit dem Team „${team}“`} angefordert. Bestätigen Sie, dass diese Adresse Ihre ist, dann sind Konto und Team bereit.`,
      ),
      button('Adresse bestätigen', link),
      paragraph(
        `Der Link gilt einmal und ${count(hoursValid, 'Stunde', 'Stunden')} lang. Wenn Sie das nicht angefordert haben, beachten Sie diese Mail nicht: Ohne den Klick entsteht kein Konto.`,
      ),
    ],
    reason: `jemand, vermutlich Sie, diese Adresse für ${product} angegeben hat.`,
  }),

  invitation: ({ team, role, inviter, expiresAt, link }) => ({
    subject: `Sie sind ${team === null ? `in ein Team bei ${product}` : `in das Team „${team}“ bei ${product}`} eingeladen`,
    preview: inviter === null ? 'Jemand hat Sie eingeladen.' : `${inviter} hat Sie eingeladen.`,
    blocks: [
      heading('Sie sind eingeladen'),
      paragraph(greeting(null)),
      paragraph(
        `${inviter ?? 'Jemand'} lädt Sie ein, ${team === null ? 'in einem Team' : `im Team „${team}“`} bei ${product} zu arbeiten. Sehen Sie nach, worum es geht, und nehmen Sie an, wenn Sie möchten.`,
      ),
      button('Einladung ansehen', link),
      facts(['Team', team], ['Ihre Rolle', role], ['Eingeladen von', inviter], ['Gültig bis', moment(expiresAt)]),
      paragraph(
        'Der Link gilt einmal und nur für diese Adresse. Wenn Sie nicht wissen, worum es geht, beachten Sie diese Mail nicht: Ohne Sie geschieht nichts.',
      ),
    ],
    reason: `jemand diese Adresse angegeben hat, um Sie in ein Team bei ${product} einzuladen.`,
  }),

  alreadyRegistered: ({ name, at, link }) => ({
    subject: `Sie haben schon ein Konto bei ${product}`,
    preview: 'Jemand wollte sich mit Ihrer Adresse registrieren.',
    blocks: [
      heading('Sie haben schon ein Konto'),
      paragraph(greeting(name)),
      paragraph(
        `Jemand wollte sich mit dieser Adresse bei ${product} registrieren, aber sie hat schon ein Konto. Wenn Sie das waren, melden Sie sich mit Ihrem bisherigen Passwort an.`,
      ),
      button('Anmelden', link),
      facts(['Wann', moment(at)]),
      paragraph('Wenn nicht, ist nichts zu tun: Niemand ist hineingekommen, und nichts hat sich geändert.'),
    ],
    reason: `jemand diese Adresse bei ${product} angegeben hat und sie zu Ihrem Konto gehört.`,
  }),

  deviceCode: ({ name, code: digits, minutesValid, forgotLink, ...happening }) => ({
    subject: `Ihr Anmeldecode für ${product}`,
    preview: `Gültig für ${count(minutesValid, 'Minute', 'Minuten')}.`,
    blocks: [
      heading('Ihr Anmeldecode'),
      paragraph(greeting(name)),
      paragraph('Sie melden sich auf einem Gerät an, das wir noch nicht kennen. Geben Sie dort diesen Code ein:'),
      code(digits),
      paragraph(
        `Er gilt ${count(minutesValid, 'Minute', 'Minuten')} lang. Geben Sie ihn niemandem: Wir fragen nicht danach.`,
      ),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie das nicht sind, kennt jemand Ihr Passwort. Ohne den Code kommt niemand hinein, aber wählen Sie ein neues.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `sich jemand mit dem richtigen Passwort auf einem neuen Gerät bei Ihrem Konto bei ${product} angemeldet hat.`,
  }),

  newDevice: ({ name, forgotLink, ...happening }) => ({
    subject: `Ein neues Gerät kann sich bei Ihrem Konto bei ${product} anmelden`,
    preview: 'Auf einem neuen Gerät wurde ein Code aus Ihrer Mail eingegeben.',
    blocks: [
      heading('Neues Gerät'),
      paragraph(greeting(name)),
      paragraph(
        'Ein Gerät wurde mit einem Code bestätigt, den wir Ihnen geschickt haben, und wird nicht wieder danach gefragt.',
      ),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie das waren, ist nichts zu tun. Wenn nicht, hat jemand Ihr Passwort und liest Ihre Mails: Sichern Sie zuerst Ihr Postfach, und wählen Sie dann ein neues Passwort; das beendet alle Sitzungen.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `ein neues Gerät für Ihr Konto bei ${product} bestätigt wurde.`,
  }),

  sessionSuperseded: ({ name, forgotLink, ...happening }) => ({
    subject: `Eine neue Anmeldung hat Sie von ${product} abgemeldet`,
    preview: 'Ihr Konto wurde anderswo angemeldet.',
    blocks: [
      heading('Anderswo angemeldet'),
      paragraph(greeting(name)),
      paragraph(
        'Es gab eine neue Anmeldung bei Ihrem Konto. Es kann nur eine Sitzung zur Zeit geben, deshalb ist die frühere beendet.',
      ),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie das waren, ist nichts zu tun. Wenn nicht, ist jemand hineingekommen: Wählen Sie ein neues Passwort; das beendet auch die fremde Sitzung.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `eine Sitzung Ihres Kontos bei ${product} von einer neuen Anmeldung beendet wurde.`,
  }),

  refreshTokenReused: ({ name, forgotLink, ...happening }) => ({
    subject: `Wir haben Ihre Sitzung bei ${product} zu Ihrem Schutz beendet`,
    preview: 'Ihre Sitzung wurde vielleicht kopiert.',
    blocks: [
      heading('Wir haben Ihre Sitzung beendet'),
      paragraph(greeting(name)),
      paragraph(
        'Ein Schlüssel Ihrer Sitzung, der nicht mehr galt, wurde noch einmal benutzt. Das geschieht, wenn eine Sitzung auf einen anderen Rechner kopiert wird; deshalb haben wir sie überall beendet.',
      ),
      whenAndWhere(happening),
      paragraph(
        'Melden Sie sich wieder an, um weiterzuarbeiten. Wenn Sie in letzter Zeit kein Browserprofil kopiert oder wiederhergestellt haben, suchen Sie auf Ihren Geräten nach unerwünschten Programmen, und wählen Sie ein neues Passwort.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `wir eine Sitzung Ihres Kontos bei ${product} beendet haben.`,
  }),

  accountLocked: ({ name, until, onTrustedDevice, ...happening }) => ({
    subject: `Ihr Konto bei ${product} ist für eine Weile gesperrt`,
    preview: 'Zu oft hintereinander ein falsches Passwort.',
    blocks: [
      heading('Ihr Konto ist gesperrt'),
      paragraph(greeting(name)),
      paragraph(
        `Jemand hat zu oft hintereinander ein falsches Passwort eingegeben. Bis die Sperre endet, kann sich niemand ${onTrustedDevice ? 'auf dem Gerät anmelden, auf dem das geschah. Andere Geräte sind nicht betroffen.' : 'auf einem neuen Gerät anmelden. Die Geräte, die Sie früher bestätigt haben, sind nicht betroffen.'}`,
      ),
      facts(['Gesperrt bis', moment(until)]),
      paragraph('Der letzte Versuch:'),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie es waren, warten Sie und versuchen Sie es noch einmal. Wenn nicht, wurde Ihr Passwort nicht erraten; die Sperre verhindert das. Benutzen Sie es nirgends sonst.',
      ),
    ],
    reason: `es zu viele fehlgeschlagene Anmeldungen bei Ihrem Konto bei ${product} gab.`,
  }),

  erased,
  suspiciousLogin,
  ...operationTexts,
  ...passwordTexts,
  ...teamTexts,
  ...administrationTexts,
};
