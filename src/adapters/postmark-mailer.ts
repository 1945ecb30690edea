import { Errors, Models, ServerClient } from 'postmark';
import { z } from 'zod';

import { Unavailable, type Mail, type Mailer, type MailOutcome } from '../application/ports.ts';
import type { MailPauseReason } from '../domain/mail-sending/events.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';

const sentSchema = z.object({ ErrorCode: z.literal(0), MessageID: z.string().min(1) });
const refusedSchema = z.object({ ErrorCode: z.int().positive(), Message: z.string() });
const foundSchema = z.object({
  Messages: z.array(z.object({ MessageID: z.string().min(1), Metadata: z.record(z.string(), z.string()).optional() })),
});

const badToken = 10;
/** Codes that only the operator can do something about: sender signature, credits, account. */
const accountCodes: ReadonlySet<number> = new Set([400, 401, 405, 412, 413]);
const invalidRequest = 300;
const inactiveRecipient = 406;
const configurationRetrySeconds = 300;
const rateLimitRetrySeconds = 60;
const outageRetrySeconds = 5;

export interface PostmarkOptions {
  serverToken: string;
  apiUrl?: string;
  from: string;
  messageStream?: string;
  timeoutSeconds?: number;
}

export function postmarkMailer(options: PostmarkOptions): Mailer & { status: OutageGuard['status'] } {
  const { messageStream = 'outbound', from } = options;
  const client = connect(options);
  const guard = outageGuard('mail', { isOutage: (error) => error instanceof Unavailable });

  async function send({ to, subject, text, html, tag, messageId }: Mail): Promise<MailOutcome> {
    const message = Object.assign(new Models.Message(from, subject, html, text, to), {
      Tag: tag,
      Metadata: { messageId },
      MessageStream: messageStream,
    });
    try {
      return outcomeOf(await client.sendEmail(message));
    } catch (error) {
      return refusalOf(error);
    }
  }

  async function find(messageId: string): Promise<{ providerMessageId: string } | undefined> {
    const filter = new Models.OutboundMessagesFilteringParameters(10, 0);
    filter['metadata_messageId'] = messageId;
    const answer = await client.getOutboundMessages(filter).catch((error: unknown) => {
      throw errorFor(error);
    });
    const parsed = foundSchema.safeParse(answer);
    if (!parsed.success) throw unavailable(parsed.error, outageRetrySeconds);
    const found = parsed.data.Messages.find(({ Metadata }) => Metadata?.['messageId'] === messageId);
    return found && { providerMessageId: found.MessageID };
  }

  async function acceptsUs(): Promise<boolean> {
    try {
      await client.getServer();
      return true;
    } catch (error) {
      if (error instanceof Errors.PostmarkError && refusalOfUs(error) === 'token-refused') return false;
      throw errorFor(error);
    }
  }

  return {
    status: guard.status,
    acceptsUs: () => guard.run(acceptsUs),
    send: (mail) => guard.run(() => send(mail)),
    find: (messageId) => guard.run(() => find(messageId)),
  };
}

function connect({
  serverToken,
  apiUrl = 'https://api.postmarkapp.com',
  timeoutSeconds = 10,
}: PostmarkOptions): ServerClient {
  const { protocol, host } = new URL(apiUrl);
  const configuration = new Models.ClientOptions.Configuration(protocol === 'https:', host, timeoutSeconds);
  return new ServerClient(serverToken, configuration);
}

/** A 2xx may carry a refusal, or something that is no answer at all. */
function outcomeOf(answer: unknown): MailOutcome {
  const sent = sentSchema.safeParse(answer);
  if (sent.success) return { kind: 'sent', providerMessageId: sent.data.MessageID };
  const refused = refusedSchema.safeParse(answer);
  if (!refused.success) throw unavailable(refused.error, outageRetrySeconds);
  const { Message, ErrorCode } = refused.data;
  throw new Errors.PostmarkError(Message, ErrorCode, 422);
}

/** Refusals, of a mail or of ourselves, are an outcome; for everything else this throws. */
function refusalOf(error: unknown): MailOutcome {
  const reason = error instanceof Errors.PostmarkError ? refusalOfUs(error) : undefined;
  if (reason !== undefined) return { kind: 'refused', reason };
  if (error instanceof Errors.PostmarkError && error.statusCode === 422) {
    if (error.code === inactiveRecipient) return { kind: 'rejected', reason: 'inactive-recipient' };
    if (error.code === invalidRequest && !blamesUs(error)) return { kind: 'rejected', reason: 'invalid-recipient' };
  }
  throw errorFor(error);
}

function refusalOfUs(error: Errors.PostmarkError): MailPauseReason | undefined {
  if (error.statusCode === 401 || error.code === badToken) return 'token-refused';
  return error.statusCode === 422 &&
    (accountCodes.has(error.code) || (error.code === invalidRequest && blamesUs(error)))
    ? 'account'
    : undefined;
}

/** The same code tells of a sender address that cannot be parsed. */
function blamesUs({ message }: Error): boolean {
  return /'(From|ReplyTo)'/i.test(message);
}

/** The error to throw: a request that Postmark will never accept is a bug, not an outage. */
function errorFor(error: unknown): Error {
  if (error instanceof Unavailable) return error;
  // Its body stalled, or the connection broke: the library passes on what `fetch` threw.
  if (!(error instanceof Errors.PostmarkError)) return unavailable(error, outageRetrySeconds);
  const seconds = retrySeconds(error);
  return seconds === undefined ? error : unavailable(error, seconds);
}

function retrySeconds(error: Errors.PostmarkError): number | undefined {
  const { statusCode, code } = error;
  if (statusCode === 429 || code === 429) return rateLimitRetrySeconds;
  if (statusCode === 0 || statusCode === 408 || statusCode >= 500) return outageRetrySeconds;
  return statusCode === 404 || refusalOfUs(error) !== undefined ? configurationRetrySeconds : undefined;
}

function unavailable(cause: unknown, retryAfterSeconds: number): Unavailable {
  return new Unavailable('mail', { cause, retryAfterSeconds });
}
