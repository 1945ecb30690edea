import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type {
  EmailBounceKind,
  EmailCause,
  EmailDropReason,
  EmailEvent,
  EmailRejection,
  EmailTemplate,
} from './events.ts';
import { evolve, initialState, isOver, type EmailState } from './state.ts';

interface OfMail {
  messageId: string;
  userId: string | null;
  template: EmailTemplate;
  now: Date;
}

/** The state of a mail keeps what it has been told: a provider that does not end is not listened to for ever. */
const mostReports = 100;

type Sending =
  | ({ type: 'StartSending' } & OfMail)
  | ({ type: 'RecordSent'; providerMessageId: string } & OfMail)
  | ({ type: 'RecordRejected'; reason: EmailRejection } & OfMail)
  | ({ type: 'RecordDropped'; reason: EmailDropReason } & OfMail)
  | ({ type: 'Park'; cause: EmailCause } & OfMail);

type Afterwards =
  | ({ type: 'RequestRetry'; cause: EmailCause } & OfMail)
  | ({ type: 'RecordBounced'; bounceId: string; kind: EmailBounceKind } & OfMail)
  | ({ type: 'RecordComplained'; complaintId: string } & OfMail);

export type EmailCommand = Sending | Afterwards;

function decide(command: EmailCommand, state: EmailState): readonly EmailEvent[] {
  if (isAfterwards(command)) return afterwards(command, state);
  return isOver(state) ? [] : sending(command, state);
}

function isAfterwards(command: EmailCommand): command is Afterwards {
  return command.type === 'RequestRetry' || command.type === 'RecordBounced' || command.type === 'RecordComplained';
}

const aboutMail = ({ messageId, userId, template, now }: OfMail) => ({
  ...{ messageId, userId, template },
  at: now.toISOString(),
});

function sending(command: Sending, state: EmailState): readonly EmailEvent[] {
  const data = aboutMail(command);
  switch (command.type) {
    case 'StartSending': {
      const attempt = state.status === 'sending' ? state.attempt + 1 : 1;
      return [{ type: 'EmailSendStarted', data: { ...data, attempt } }];
    }
    case 'RecordSent':
      if (state.status === 'new') throw new Error(`mail ${data.messageId} was sent before sending it had started`);
      return [{ type: 'EmailSent', data: { ...data, providerMessageId: command.providerMessageId } }];
    case 'RecordRejected':
      return [{ type: 'EmailRejected', data: { ...data, reason: command.reason } }];
    case 'RecordDropped':
      // A mail that was never begun leaves no history.
      return state.status === 'new' ? [] : [{ type: 'EmailDropped', data: { ...data, reason: command.reason } }];
    case 'Park':
      return [{ type: 'EmailParked', data: { ...data, cause: command.cause } }];
  }
}

function afterwards(command: Afterwards, state: EmailState): readonly EmailEvent[] {
  const data = aboutMail(command);
  if (command.type === 'RequestRetry') {
    if (state.status === 'sending') return [];
    if (state.status !== 'parked') throw new DomainError('email-not-parked');
    return [{ type: 'EmailRetryRequested', data: { ...data, cause: command.cause } }];
  }
  if (state.status !== 'sent' || state.reports.length >= mostReports) return [];
  if (command.type === 'RecordBounced') {
    const { bounceId, kind } = command;
    return state.reports.includes(bounceId) ? [] : [{ type: 'EmailBounced', data: { ...data, bounceId, kind } }];
  }
  const { complaintId } = command;
  return state.reports.includes(complaintId) ? [] : [{ type: 'EmailComplained', data: { ...data, complaintId } }];
}

export const email: Decider<EmailState, EmailCommand, EmailEvent> = { initialState, evolve, decide };
