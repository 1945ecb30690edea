import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Express } from 'express';
import { admission, type RequestKind } from './admission.ts';
import { problemAnswer, type Answer } from './answer.ts';
import { aroundEveryRequest, commonHeaders, type Step } from './around.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Endpoint } from './endpoint.ts';
import { localsOf, send } from './express-handlers.ts';
import { describeProblem } from './problem-details.ts';
import { RequestProblem } from './problems.ts';
import { refusal } from './refusal.ts';
import { responder } from './respond.ts';
import { authorize } from './routes/authorize.ts';
import { currentSession } from './routes/current-session.ts';

/** Each of these takes as long as a hash, and the hashes before it. */
export const hashing: ReadonlySet<string> = new Set([
  'POST /v1/logins',
  'POST /v1/registrations',
  'POST /v1/password/reset',
  'POST /v1/password/change',
  'POST /reset',
  'POST /v1/invitations/accept',
  'POST /invitations/join',
]);

/** As Express's parser has it, in bytes. */
const maxBodyLength = 32 * 1024;

/**
 * Answers the two requests that every resource service makes all the time before Express sees them: Express swaps the
 * prototypes of request and response, which costs more than everything that is done here. It is the same endpoint
 * between the same steps; what is not exactly in the expected form is left to Express.
 */
export function fastPath(deps: ApiDependencies, app: Express): RequestListener {
  const trusts = app.get('trust proxy fn') as Trusts;
  const steps = aroundEveryRequest(deps, (request) => [forwardedFor(request, trusts), request.socket.remoteAddress]);
  const respond = responder(deps);
  const headersOf = commonHeaders(deps);
  const endpoints = new Map([currentSession(deps), authorize(deps)].map((known) => [keyOf(known), known]));

  const endpointOf = ({ method = '', url = '' }: IncomingMessage) => endpoints.get(`${method} ${url}`);
  const kindOf = (request: IncomingMessage): RequestKind => (endpointOf(request) ? 'check' : kindOfOther(request));
  return admission({ ...deps.admission, kindOf, refuse: refusal(deps) }, (request, response) => {
    const endpoint = endpointOf(request);
    if (endpoint === undefined || !hasExpectedBody(request)) {
      app(request, response);
      return;
    }
    Object.assign(response, { locals: { route: endpoint.path, rendering: endpoint.rendering } });
    throughAll(steps, request, response, () => {
      answer(endpoint, request, response).catch((error: unknown) => {
        deps.logger.error({ err: error }, 'a request was not answered');
        response.destroy();
      });
    });
  });

  async function answer(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = endpoint.method === 'post' ? await bodyOf(request) : '{}';
    if (text === undefined) return;
    const { facts } = localsOf(response);
    const body = parsed(text);
    const answered: Answer =
      body === undefined
        ? problemAnswer(describeProblem(unreadable(), facts.requestId), endpoint.rendering)
        : await respond(endpoint, { facts, params: {}, query: {}, body });
    sendWhole(response, answered);
  }

  /** All headers in one step: set one by one they would cost more than the whole check. */
  function sendWhole(response: ServerResponse, answered: Answer): void {
    send(response, { ...answered, headers: { ...headersOf(localsOf(response).facts), ...answered.headers } });
  }
}

const kindOfOther = ({ method = '', url = '' }: IncomingMessage): RequestKind =>
  hashing.has(`${method} ${url}`) ? 'password' : 'other';

const keyOf = ({ method, path }: Endpoint): string => `${method.toUpperCase()} ${path}`;

function throughAll(steps: readonly Step[], request: IncomingMessage, response: ServerResponse, end: () => void): void {
  const from = (index: number): void => {
    const step = steps[index];
    if (step === undefined) end();
    else
      step(request, response, () => {
        from(index + 1);
      });
  };
  from(0);
}

type Trusts = (address: string, hop: number) => boolean;

/** The first address that no trusted proxy speaks for, as Express's `request.ip`. */
function forwardedFor({ headers, socket }: IncomingMessage, trusts: Trusts): string | undefined {
  const named = headers['x-forwarded-for'];
  const list = typeof named === 'string' ? named.split(',').reverse() : [];
  const addresses = [socket.remoteAddress ?? '', ...list.map((address) => address.trim())];
  return addresses.find((address, hop) => hop === addresses.length - 1 || !trusts(address, hop));
}

/** A GET without, a POST with a plain JSON body of known length. */
function hasExpectedBody({ method, headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'content-type': type } = headers;
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false;
  if (method === 'GET') return length === undefined;
  const weight = Number(length ?? 0);
  return weight > 0 && weight <= maxBodyLength && /^application\/json(; ?charset=utf-8)?$/i.test(type ?? '');
}

const utf8 = new TextDecoder();

/** `undefined` when the client has gone away. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      resolve(utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    });
    request.on('close', () => {
      resolve(undefined);
    });
    request.on('error', () => {
      resolve(undefined);
    });
  });
}

/** An object or a list, as Express's parser takes no other; `undefined` for anything else. */
function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const unreadable = (): RequestProblem =>
  new RequestProblem('invalid-request', { errors: [{ pointer: '', detail: 'the body cannot be parsed' }] });
