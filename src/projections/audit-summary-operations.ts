import type { AlertEvent, AlertName } from '../domain/alert/events.ts';
import type { EmailEvent } from '../domain/email/events.ts';
import type { EventOf } from '../domain/events.ts';
import type { MailSendingEvent } from '../domain/mail-sending/events.ts';
import type { VirtuozzoEvent } from '../domain/virtuozzo/events.ts';
import type { Sentence } from './audit-wording.ts';

type DeliveryEvent = Extract<
  EmailEvent,
  { type: 'EmailParked' | 'EmailRetryRequested' | 'EmailBounced' | 'EmailComplained' }
>;
type OperationEvent = AlertEvent | DeliveryEvent | MailSendingEvent | VirtuozzoEvent;

const alerts: Record<AlertName, string> = {
  'failed-logins-per-ip': 'failed logins from one address',
  'suspicious-logins': 'suspicious logins',
  'session-errors': 'session errors',
  'email-failures': 'mails that do not leave',
  'mail-sending-paused': 'the mail provider refuses us',
  'audit-mismatch': 'the history is not what was proven',
};

const pauses: Record<EventOf<'MailSendingPaused'>['data']['reason'], string> = {
  'token-refused': 'the provider refuses our token',
  account: 'the provider refuses our account',
};

export const operationSentences: { readonly [Type in OperationEvent['type']]: Sentence<Type> } = {
  EmailParked: ({ template }) => `The mail "${template}" was parked after a day of trying`,
  EmailRetryRequested: ({ template }) => `The parked mail "${template}" is tried again`,
  EmailBounced: ({ template, kind }) => `The mail "${template}" bounced (${kind})`,
  EmailComplained: ({ template }) => `The recipient of the mail "${template}" calls it spam`,
  MailSendingPaused: ({ reason }) => `No mails are sent: ${pauses[reason]}`,
  MailSendingResumed: () => 'Mails are sent again',

  AlertRaised: ({ name, level, value, threshold }) =>
    `Alert (${level}): ${alerts[name]}, ${shown(value)} where ${shown(threshold)} is the limit`,
  AlertCleared: ({ name, value }) => `The alert about ${alerts[name]} was cleared at ${shown(value)}`,

  VirtuozzoLinked: ({ teamId, userId, method }, say) =>
    `${say.user(userId)} linked team ${say.team(teamId)} to the Virtuozzo platform with a ${method}`,
  VirtuozzoSessionRefreshed: ({ teamId }, say) => `The Virtuozzo session key of team ${say.team(teamId)} was renewed`,
  VirtuozzoOutageBegan: ({ teamId }, say) => `The Virtuozzo platform does not answer for team ${say.team(teamId)}`,
  VirtuozzoOutageEnded: ({ teamId }, say) => `The Virtuozzo platform answers again for team ${say.team(teamId)}`,
  VirtuozzoRefreshFailed: ({ teamId }, say) =>
    `The Virtuozzo session key of team ${say.team(teamId)} could not be renewed: the account has to be linked again`,
  VirtuozzoUnlinked: ({ teamId, reason }, say) =>
    `Team ${say.team(teamId)} was unlinked from the Virtuozzo platform${reason === 'team-closed' ? ' when it was closed' : ''}`,
};

const shown = (value: number): string => String(Math.round(value * 1000) / 1000);
