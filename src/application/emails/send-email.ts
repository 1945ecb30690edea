import { email } from '../../domain/email/decide.ts';
import type { EmailEvent, EmailTemplate } from '../../domain/email/events.ts';
import type { EmailState } from '../../domain/email/state.ts';
import {
  Unavailable,
  WrongExpectedRevision,
  type Clock,
  type Context,
  type EventStore,
  type Mailer,
  type NewId,
  type PersonalData,
  type Recorded,
  type StreamRevision,
  type Tokens,
} from '../ports.ts';
import { streams } from '../streams.ts';

/**
 * How long an attempt without a known outcome is left alone: a provider lists a mail some seconds after it took it. A
 * call to the provider must have ended before, so its time limit is shorter.
 */
export const settlingMs = 10_000;

export interface Recipient {
  readonly email: string;
  readonly name: string | null;
  readonly teamName: string | null;
}

export interface EmailRequest {
  readonly template: EmailTemplate;
  /** One event is one mail of a template, however often it is asked for. */
  readonly cause: Recorded;
  readonly userId: string;
  readonly render: (recipient: Recipient) => { readonly subject: string; readonly text: string; readonly html: string };
  /** Asked right before a mail would be sent: what has become pointless is not. Default: always. */
  readonly isWanted?: () => Promise<boolean>;
}

/** Throws `Unavailable('mail')` when it has to be asked for again, after `retryAfterSeconds`. */
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
  const { eventStore, mailer, clock } = deps;

  return async ({ template, cause, userId, render, isWanted }, context) => {
    const messageId = deps.tokens.derivedId(cause.id, template);
    const about = { messageId, userId, template };
    const log = emailLog(deps, messageId, context);
    const { state, revision, lastAt } = await log.load();
    if (state.status === 'sent' || state.status === 'rejected') return;
    if (state.status === 'sending') {
      const found = await mailer.find(messageId);
      if (found) {
        await log.append({ type: 'RecordSent', ...about, ...found, now: clock() }, state, revision);
        return;
      }
      await letSettle(lastAt, clock());
    }
    if (isWanted && !(await isWanted())) return;

    const recipient = await recipientOf(deps, userId);
    if (recipient === undefined) {
      await log.append({ type: 'RecordRejected', ...about, reason: 'recipient-erased', now: clock() }, state, revision);
      return;
    }
    const mail = { ...render(recipient), to: recipient.email, tag: template, messageId };
    const started = await log.append({ type: 'StartSending', ...about, now: clock() }, state, revision);
    const outcome = await mailer.send(mail);
    const now = clock();
    await log.append(
      outcome.kind === 'sent'
        ? { type: 'RecordSent', ...about, providerMessageId: outcome.providerMessageId, now }
        : { type: 'RecordRejected', ...about, reason: outcome.reason, now },
      started.state,
      started.revision,
    );
  };

  function letSettle(lastAt: Date | undefined, now: Date): void {
    const restMs = (lastAt?.getTime() ?? 0) + settlingMs - now.getTime();
    if (restMs > 0) throw new Unavailable('mail', { retryAfterSeconds: Math.ceil(restMs / 1000) });
  }
}
