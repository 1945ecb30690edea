import { email, type EmailCommand } from '../../domain/email/decide.ts';
import type { EmailEvent, EmailTemplate } from '../../domain/email/events.ts';
import type { EmailState } from '../../domain/email/state.ts';
import {
  Unavailable,
  WrongExpectedRevision,
  type Clock,
  type Context,
  type EventStore,
  type Mailer,
  type MailOutcome,
  type NewId,
  type PersonalData,
  type Recorded,
  type StreamRevision,
  type Tokens,
} from '../ports.ts';
import { streams } from '../streams.ts';
import { recipientOf, type Recipient } from './email-recipient.ts';

/**
 * How long an attempt without a known outcome is left alone: a provider lists a mail some seconds after it took it. A
 * call to the provider must have ended before, so its time limit has to be shorter.
 */
export const settlingMs = 10_000;

export interface EmailRequest {
  readonly template: EmailTemplate;
  /** One event is one mail of a template, however often it is asked for. */
  readonly cause: Recorded;
  /** `null` for an address that has no account as far as we look: then `recipient` is there. */
  readonly userId: string | null;
  /** Default: the address of the user. `undefined` once it is erased. */
  readonly recipient?: () => Promise<Recipient | undefined>;
  readonly render: (recipient: Recipient) => { readonly subject: string; readonly text: string; readonly html: string };
  /** Asked right before a mail would be sent: what has become pointless is not. Default: always. */
  readonly isWanted?: () => Promise<boolean>;
}

/** Throws `Unavailable` when it has to be asked for again, after `retryAfterSeconds`. */
export type SendEmail = (request: EmailRequest, context: Context) => Promise<void>;

interface Dependencies {
  readonly eventStore: EventStore;
  readonly personalData: Pick<PersonalData, 'open'>;
  readonly tokens: Pick<Tokens, 'derivedId'>;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * Sends a mail once for an event. The mail's own stream decides: it says that sending began before the provider is
 * called, and a later attempt that finds no outcome there asks the provider first.
 */
export function sendEmail(deps: Dependencies): SendEmail {
  const { tokens, mailer, clock } = deps;

  return async (request, context) => {
    const { template, cause, userId } = request;
    const about = { messageId: tokens.derivedId(cause.id, template), userId, template };
    const before = await load(deps, about.messageId);
    if (before.state.status === 'sent' || before.state.status === 'rejected') return;
    const record = recorder(deps, about.messageId, context);

    if (before.state.status === 'sending') {
      const found = await mailer.find(about.messageId);
      if (found) {
        await record(before, { type: 'RecordSent', ...about, ...found, now: clock() });
        return;
      }
      letSettle(before.lastAt, clock());
    }
    if (request.isWanted && !(await request.isWanted())) return;

    const recipient = await recipientFor(deps, request);
    if (recipient === undefined) {
      await record(before, { type: 'RecordRejected', ...about, reason: 'recipient-erased', now: clock() });
      return;
    }
    const mail = { ...request.render(recipient), to: recipient.email, tag: template, messageId: about.messageId };
    const started = await record(before, { type: 'StartSending', ...about, now: clock() });
    const outcome = await mailer.send(mail);
    await record(started, { ...commandFor(outcome), ...about, now: clock() });
  };
}

async function recipientFor(deps: Dependencies, { userId, recipient }: EmailRequest): Promise<Recipient | undefined> {
  if (recipient !== undefined) return recipient();
  return userId === null ? undefined : recipientOf(deps, userId);
}

interface MailLog {
  readonly state: EmailState;
  readonly revision: StreamRevision;
  readonly lastAt?: Date | undefined;
}

async function load({ eventStore }: Dependencies, messageId: string): Promise<MailLog> {
  const { events, revision } = await eventStore.readStream(streams.email(messageId));
  const state = events.map(({ event }) => event as EmailEvent).reduce(email.evolve, email.initialState);
  return { state, revision, lastAt: events.at(-1)?.recordedAt };
}

/**
 * Appends what was decided on exactly the history that was read, and does not decide again when somebody else was
 * first: two who both began to send would be two mails.
 */
function recorder({ eventStore, newId }: Dependencies, messageId: string, context: Context) {
  return async ({ state, revision }: MailLog, command: EmailCommand): Promise<MailLog> => {
    const events = email.decide(command, state);
    const newEvents = events.map((event) => ({ id: newId(), event, context }));
    try {
      const appended = await eventStore.append(streams.email(messageId), newEvents, revision);
      return { state: events.reduce(email.evolve, state), revision: appended.revision };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      throw new Unavailable('mail', { cause: error, retryAfterSeconds: settlingMs / 1000 });
    }
  };
}

function letSettle(lastAt: Date | undefined, now: Date): void {
  const restMs = (lastAt?.getTime() ?? 0) + settlingMs - now.getTime();
  if (restMs > 0) throw new Unavailable('mail', { retryAfterSeconds: restMs / 1000 });
}

function commandFor(outcome: MailOutcome) {
  return outcome.kind === 'sent'
    ? ({ type: 'RecordSent', providerMessageId: outcome.providerMessageId } as const)
    : ({ type: 'RecordRejected', reason: outcome.reason } as const);
}
