import type { AlertLevel, AlertName } from '../../domain/alert/events.ts';
import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './en-phrases.ts';
import { isYesOrNo, type OperationTexts } from './operation-texts.ts';

const alerts: Record<AlertName, string> = {
  'failed-logins-per-ip': 'failed logins from one address within an hour',
  'suspicious-logins': 'share of suspicious logins within an hour',
  'session-errors': 'share of session refreshes that fail within an hour',
  'email-failures': 'share of mails that do not leave within an hour',
  'mail-sending-paused': 'the mail provider refuses us, no mails are sent',
  'audit-mismatch': 'the history is not what was proven',
};
const levels: Record<AlertLevel, string> = { warning: 'Warning', critical: 'Critical' };

const ofTeam = (team: string | null) => (team === null ? 'your team' : `the team “${team}”`);

const shown = (alert: AlertName, value: number): string => {
  if (isYesOrNo(alert)) return value === 0 ? 'no' : 'yes';
  return alert === 'failed-logins-per-ip' ? String(value) : `${(value * 100).toFixed(1)} %`;
};

export const operationTexts: OperationTexts = {
  invitationUndeliverable: ({ name, team, at }) => ({
    subject: `Your invitation to ${ofTeam(team)} could not be delivered`,
    preview: 'The address does not take mail.',
    blocks: [
      heading('An invitation did not arrive'),
      paragraph(greeting(name)),
      paragraph(
        `You invited somebody to ${ofTeam(team)}, and our mail provider does not deliver to that address. Check how it is written and invite again.`,
      ),
      facts(['Invited', moment(at)]),
    ],
    reason: `an invitation that you made on ${product} could not be delivered.`,
  }),

  virtuozzoOutage: ({ name, team, at }) => ({
    subject: `The Virtuozzo platform does not answer for ${ofTeam(team)}`,
    preview: 'The last session key is used on; there is nothing to do.',
    blocks: [
      heading('The Virtuozzo platform does not answer'),
      paragraph(greeting(name)),
      paragraph(
        `We cannot reach the Virtuozzo platform that ${ofTeam(team)} is linked to. Until it answers we go on with the last session key, which may stop working. We keep trying, and go on by ourselves when it is back: there is nothing to do, and this is the only mail about it.`,
      ),
      facts(['Since', moment(at)]),
    ],
    reason: `you are an Owner of a team on ${product} that is linked to the Virtuozzo platform.`,
  }),

  virtuozzoSignInNeeded: ({ name, team, at }) => ({
    subject: `Link ${ofTeam(team)} to the Virtuozzo platform again`,
    preview: 'The platform does not take our key any more.',
    blocks: [
      heading('The platform account has to be linked again'),
      paragraph(greeting(name)),
      paragraph(
        `The Virtuozzo platform does not take the session key of ${ofTeam(team)} any more and gives us no new one; the password may have been changed or the token deleted. Servers of the team cannot be managed until an Owner links the account again.`,
      ),
      facts(['Since', moment(at)]),
    ],
    reason: `you are an Owner of a team on ${product} that is linked to the Virtuozzo platform.`,
  }),

  alertRaised: ({ alert, level, value, threshold, at }) => ({
    subject: `${levels[level]}: ${alerts[alert]}`,
    preview: `${product} needs a look.`,
    blocks: [
      heading(`${levels[level]}: ${alerts[alert]}`),
      facts(
        ['Now', shown(alert, value)],
        ['Limit', isYesOrNo(alert) ? null : shown(alert, threshold)],
        ['Since', moment(at)],
      ),
      paragraph('The runbook is in docs/operations.md, under the name of the alert. You get one mail when it is over.'),
    ],
    reason: `you operate this installation of ${product}.`,
  }),

  alertCleared: ({ alert, value, raisedAt, at }) => ({
    subject: `Over: ${alerts[alert]}`,
    preview: 'The alert has been cleared.',
    blocks: [
      heading(`Over: ${alerts[alert]}`),
      facts(['Now', shown(alert, value)], ['Raised', moment(raisedAt)], ['Cleared', moment(at)]),
    ],
    reason: `you operate this installation of ${product}.`,
  }),
};
