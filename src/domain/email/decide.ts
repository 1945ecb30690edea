import type { Decider } from '../decider.ts';
import type { EmailEvent, EmailRejection, EmailTemplate } from './events.ts';
import { evolve, initialState, isOver, type EmailState } from './state.ts';

interface OfMail {
  messageId: string;
  userId: string | null;
  template: EmailTemplate;
  now: Date;
}

export type EmailCommand =
  | ({ type: 'StartSending' } & OfMail)
  | ({ type: 'RecordSent'; providerMessageId: string } & OfMail)
  | ({ type: 'RecordRejected'; reason: EmailRejection } & OfMail);

function decide(command: EmailCommand, state: EmailState): readonly EmailEvent[] {
  if (isOver(state)) return [];
  const { messageId, userId, template, now } = command;
  const data = { messageId, userId, template, at: now.toISOString() };
  switch (command.type) {
    case 'StartSending': {
      const attempt = state.status === 'sending' ? state.attempt + 1 : 1;
      return [{ type: 'EmailSendStarted', data: { ...data, attempt } }];
    }
    case 'RecordSent':
      if (state.status === 'new') throw new Error(`mail ${messageId} was sent before sending it had started`);
      return [{ type: 'EmailSent', data: { ...data, providerMessageId: command.providerMessageId } }];
    case 'RecordRejected':
      return [{ type: 'EmailRejected', data: { ...data, reason: command.reason } }];
  }
}

export const email: Decider<EmailState, EmailCommand, EmailEvent> = { initialState, evolve, decide };
