import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import express from 'express';
import type { SandboxControl } from '../sandbox-control.ts';
import { checkEmail, errorCodes, isRefusal } from './check-email.ts';
import type { Refusal } from './check-email.ts';
import type { Mailbox } from './mailbox.ts';
import { received, recipientsOf, validAddresses } from './message.ts';
import type { EmailRequest, ReceivedMessage } from './message.ts';

export interface PostmarkApi {
  mailbox: Mailbox;
  control: SandboxControl;
  /** Lower-case addresses whose mail is refused as inactive. */
  suppressed: ReadonlySet<string>;
  /** The one token to take; any when absent. */
  serverToken?: string;
  now: () => Date;
  newId: () => string;
}

const mostInBatch = 500;
const largestBody = '50mb';

/** The part of Postmark's API that its client uses to send messages and to look up whether one arrived. */
export function postmarkApi(api: PostmarkApi): Router {
  const router = express.Router();
  const checks = [disturbance(api.control), tokenCheck(api.serverToken)];
  const body = express.json({ limit: largestBody, strict: false, type: () => true });
  router.post('/email', checks, body, async (request: Request, response: Response) => {
    const [outcome] = await take(api, [request.body]);
    if (outcome === undefined || (await api.control.takesOver('after', response))) return;
    response.status(outcome.status).json(outcome.answer);
  });
  router.post('/email/batch', checks, body, async (request: Request, response: Response) => {
    const batch: unknown = request.body;
    if (!Array.isArray(batch)) {
      refuse(response, invalidJson);
      return;
    }
    if (batch.length > mostInBatch) {
      refuse(response, tooMany);
      return;
    }
    const outcomes = await take(api, batch);
    if (await api.control.takesOver('after', response)) return;
    response.json(outcomes.map(({ answer }) => answer));
  });
  router.get('/server', checks, (_request: Request, response: Response) => {
    response.json({ ID: 1, Name: 'Sandbox', DeliveryType: 'Sandbox' });
  });
  router.get('/messages/outbound', checks, (request: Request, response: Response) => {
    response.json(search(api.mailbox, new URL(request.url, 'http://localhost').searchParams));
  });
  router.get('/messages/outbound/:id/details', checks, (request: Request, response: Response) => {
    const message = api.mailbox.find(String(request.params['id']));
    if (message === undefined) {
      refuse(response, unknownMessage);
      return;
    }
    response.json(details(message));
  });
  router.use(unreadableBody);
  return router;
}

const invalidJson: Refusal = { status: 422, ErrorCode: errorCodes.invalidJson, Message: 'Invalid JSON.' };
const tooMany: Refusal = {
  status: 422,
  ErrorCode: errorCodes.tooManyInBatch,
  Message: `Too many batch messages: ${mostInBatch} at most.`,
};
const unknownMessage: Refusal = {
  status: 422,
  ErrorCode: 701,
  Message: 'This message was not found or cannot be accessed.',
};
const badToken: Refusal = {
  status: 401,
  ErrorCode: errorCodes.badToken,
  Message:
    'The Server Token you provided in the X-Postmark-Server-Token request header was invalid. Please verify that you are using a valid token.',
};

function refuse(response: Response, { status, ErrorCode, Message }: Refusal): void {
  response.status(status).json({ ErrorCode, Message });
}

const disturbance =
  (control: SandboxControl): RequestHandler =>
  async (_request, response, next) => {
    if (!(await control.takesOver('before', response))) next();
  };

const tokenCheck =
  (serverToken: string | undefined): RequestHandler =>
  (request, response, next) => {
    const given = request.get('X-Postmark-Server-Token') ?? '';
    if (given !== '' && (serverToken === undefined || given === serverToken)) next();
    else refuse(response, badToken);
  };

interface Outcome {
  status: number;
  answer: object;
}

/** Answers only when every message taken is on the disk. */
async function take(api: PostmarkApi, bodies: readonly unknown[]): Promise<Outcome[]> {
  const kept: ReceivedMessage[] = [];
  const outcomes = bodies.map((body): Outcome => {
    const checked = checkEmail(body, api.suppressed);
    if (isRefusal(checked)) {
      const { status, ...answer } = checked;
      return { status, answer };
    }
    const message = received(checked, api.newId(), api.now());
    kept.push(message);
    return { status: 200, answer: accepted(checked, message, api.suppressed) };
  });
  if (kept.length > 0) await api.mailbox.add(kept);
  return outcomes;
}

function accepted({ To, Cc, Bcc }: EmailRequest, message: ReceivedMessage, suppressed: ReadonlySet<string>): object {
  const inactive = recipientsOf(message).filter((address) => suppressed.has(address));
  const withheld = `Message OK, but will not deliver to these inactive addresses: ${inactive.join(', ')}`;
  return {
    ...Object.fromEntries(Object.entries({ To, Cc, Bcc }).filter(([, line]) => line !== '')),
    SubmittedAt: message.ReceivedAt,
    MessageID: message.MessageID,
    ErrorCode: 0,
    Message: inactive.length === 0 ? 'OK' : withheld,
  };
}

/** `metadata_<name>` finds what an ambiguous send left behind. */
function search(mailbox: Mailbox, query: URLSearchParams): object {
  const recipient = query.get('recipient');
  const found = (recipient === null ? mailbox.list() : mailbox.to(recipient)).filter((message) =>
    matches(message, query),
  );
  const offset = Number(query.get('offset') ?? 0);
  const page = found.slice(offset, offset + Number(query.get('count') ?? 100));
  return { TotalCount: found.length, Messages: page.map(summary) };
}

function matches(message: ReceivedMessage, query: URLSearchParams): boolean {
  const fields = { tag: message.Tag, subject: message.Subject, messagestream: message.MessageStream };
  return [...query].every(([name, value]) => {
    if (name.startsWith('metadata_')) return message.Metadata[name.slice('metadata_'.length)] === value;
    const field = (fields as Partial<Record<string, string>>)[name.toLowerCase()];
    return field === undefined || field === value;
  });
}

function summary(message: ReceivedMessage): object {
  const { MessageID, ReceivedAt, From, Subject, Tag, Metadata, Attachments, MessageStream } = message;
  return {
    ...{ MessageID, ReceivedAt, From, Subject, Tag, Metadata, Attachments, MessageStream },
    To: validAddresses(message.To),
    Cc: validAddresses(message.Cc),
    Bcc: validAddresses(message.Bcc),
    Recipients: recipientsOf(message),
    Status: 'Sent',
    TrackOpens: false,
    TrackLinks: 'None',
    Sandboxed: true,
  };
}

function details(message: ReceivedMessage): object {
  const { HtmlBody, TextBody } = message;
  return { ...summary(message), HtmlBody, TextBody, Body: TextBody, MessageEvents: [] };
}

/** A body that is no JSON, or too large. Anything else is a fault of the sandbox's own, such as a full disk. */
function unreadableBody(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) response.status(413).json({ ErrorCode: 0, Message: 'The request is too large.' });
  else if (status === 400) refuse(response, invalidJson);
  else next(error);
}
