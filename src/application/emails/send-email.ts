import { email, type EmailCommand } from '../../domain/email/decide.ts';
import type { EmailEvent, EmailTemplate } from '../../domain/email/events.ts';
import { isOver, type EmailState } from '../../domain/email/state.ts';
import {
  Unavailable,
  WrongExpectedRevision,
  type Clock,
  type Context,
  type EventStore,
  type Mail,
  type Mailer,
  type MailOutcome,
  type NewId,
  type PersonalData,
  type Recorded,
  type StreamRevision,
  type Tokens,
} from '../ports.ts';
import { streams } from '../streams.ts';
import type { MailGate } from './mail-gate.ts';
import { recipientOf, type Recipient } from './email-recipient.ts';

/**
 * How long an attempt without a known outcome is left alone: a provider lists a mail some seconds after it took it. A
 * call to the provider must have ended before, so its time limit has to be shorter.
 */
export const settlingMs = 10_000;
/** The gate is asked again so soon, since asking it costs little. */
const pausedRetrySeconds = 15;

export interface EmailRequest {
  readonly template: EmailTemplate;
  /** One event is one mail of a template, however often it is asked for; `toEach`: one to each user. */
  readonly cause: Recorded;
  readonly toEach?: true;
  /** `null` for an address that has no account as far as we look: then `recipient` is there. */
  readonly userId: string | null;
  /** Default: the address of the user. `undefined` once it is erased. */
  readonly recipient?: () => Promise<Recipient | undefined>;
  readonly render: (recipient: Recipient) => { readonly subject: string; readonly text: string; readonly html: string };
  /** Asked right before a mail would be sent: what has become pointless is not. Default: always. */
  readonly isWanted?: () => Promise<boolean>;
}

/** What has become of it. Throws `Unavailable` when it has to be asked for again, after `retryAfterSeconds`. */
export type SendEmail = (request: EmailRequest, context: Context) => Promise<EmailState['status']>;

interface Dependencies {
  readonly eventStore: EventStore;
  readonly personalData: Pick<PersonalData, 'open'>;
  readonly tokens: Pick<Tokens, 'derivedId'>;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Default: always open. */
  readonly mailGate?: MailGate;
  /** From the event to the provider's receipt. */
  readonly mailAccepted?: (seconds: number) => void;
}

export function emailIdOf(
  { tokens }: Pick<Dependencies, 'tokens'>,
  { template, cause, userId, toEach }: Pick<EmailRequest, 'template' | 'cause' | 'userId' | 'toEach'>,
): string {
  return tokens.derivedId(cause.id, toEach ? `${template}-${String(userId)}` : template);
}

/**
 * Sends a mail once for an event. The mail's own stream decides: it says that sending began before the provider is
 * called, and a later attempt that finds no outcome there asks the provider first.
 */
export function sendEmail(deps: Dependencies): SendEmail {
  const { mailer, clock } = deps;

  return async (request, context) => {
    const { template, userId } = request;
    const about = { messageId: emailIdOf(deps, request), userId, template };
    const before = await load(deps, about.messageId);
    if (isOver(before.state)) return before.state.status;
    await passGate(deps);
    const record = recorder(deps, about.messageId, context);

    if (before.state.status === 'sending') {
      const found = await mailer.find(about.messageId);
      if (found) return record(before, { type: 'RecordSent', ...about, ...found, now: clock() }).then(statusOf);
      letSettle(before.lastAt, clock());
    }
    if (!(await isWanted(request)))
      return record(before, { type: 'RecordDropped', ...about, reason: 'no-longer-needed', now: clock() }).then(
        statusOf,
      );

    const recipient = await recipientFor(deps, request);
    if (recipient === undefined)
      return record(before, { type: 'RecordRejected', ...about, reason: 'recipient-erased', now: clock() }).then(
        statusOf,
      );
    const mail = { ...request.render(recipient), to: recipient.email, tag: template, messageId: about.messageId };
    const started = await record(before, { type: 'StartSending', ...about, now: clock() });
    const outcome = await sent(deps, mail, context);
    if (outcome.kind === 'sent') deps.mailAccepted?.((clock().getTime() - request.cause.recordedAt.getTime()) / 1000);
    return record(started, { ...commandFor(outcome), ...about, now: clock() }).then(statusOf);
  };
}

async function isWanted({ isWanted: ask }: EmailRequest): Promise<boolean> {
  return ask === undefined || ask();
}

const statusOf = ({ state }: MailLog): EmailState['status'] => state.status;

async function passGate({ mailGate }: Dependencies): Promise<void> {
  if (await mailGate?.isPaused()) throw new Unavailable('mail', { retryAfterSeconds: pausedRetrySeconds });
}

/** A provider that refuses us, and no mail in particular, closes the gate for all. */
async function sent({ mailer, mailGate }: Dependencies, mail: Mail, context: Context): Promise<FinalOutcome> {
  const outcome = await mailer.send(mail);
  if (outcome.kind !== 'refused') return outcome;
  await mailGate?.pause(outcome.reason, context);
  throw new Unavailable('mail', { retryAfterSeconds: pausedRetrySeconds });
}

type FinalOutcome = Exclude<MailOutcome, { kind: 'refused' }>;

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
    if (events.length === 0) return { state, revision };
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

function commandFor(outcome: FinalOutcome) {
  return outcome.kind === 'sent'
    ? ({ type: 'RecordSent', providerMessageId: outcome.providerMessageId } as const)
    : ({ type: 'RecordRejected', reason: outcome.reason } as const);
}
