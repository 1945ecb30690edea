import { createHash } from 'node:crypto';
import type { StoredAnswer } from '../application/idempotency.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './authentication.ts';
import { cookieNames, readCookie } from './cookies.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Accepted, Endpoint } from './endpoint.ts';
import { RequestProblem } from './problems.ts';
import { header, type RequestFacts } from './request-facts.ts';

interface Request {
  readonly endpoint: Pick<Endpoint, 'method' | 'path'>;
  readonly facts: RequestFacts;
  readonly caller: Caller;
  readonly accepted: Accepted;
}

/** Runs a request with an `Idempotency-Key` once (draft-ietf-httpapi-idempotency-key-header). */
export function idempotently({ idempotency, logger }: Pick<ApiDependencies, 'idempotency' | 'logger'>) {
  return async (request: Request, run: () => Promise<Answer>): Promise<Answer> => {
    const key = keyIn(request.facts);
    if (key === undefined) return run();
    const scope = sha256(JSON.stringify([...targetOf(request), callerKey(request)]));
    const fingerprint = sha256(JSON.stringify(request.accepted.payload));
    const begun = await idempotency.begin({ key, scope, fingerprint });
    switch (begun.kind) {
      case 'replay':
        return replayed(begun.answer);
      case 'in-progress':
        throw new RequestProblem('idempotency-in-progress', { headers: { 'Retry-After': '1' } });
      case 'mismatch':
        throw new RequestProblem('idempotency-key-reused');
      case 'run': {
        const answer = await run();
        const end = worthTryingAgain(answer) ? begun.abandon() : begun.finish(stored(answer));
        // What was asked for has happened: the client hears of it even where the answer could not be kept.
        await end.catch((error: unknown) => {
          logger.warn({ requestId: request.facts.requestId, reason: String(error) }, 'idempotent answer not stored');
        });
        return answer;
      }
    }
  };
}

function keyIn({ headers }: RequestFacts): string | undefined {
  const key = header(headers, 'idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const errors = [{ pointer: '/header/Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }];
  throw new RequestProblem('invalid-request', { errors });
}

const targetOf = ({ endpoint: { method, path }, accepted: { params } }: Request): unknown[] => [method, path, params];

/** Keys of different callers never meet. A stranger is known by the address: the device token may come with the answer. */
function callerKey({ caller, facts }: Request): string {
  if (caller !== undefined) return 'sessionId' in caller ? `session ${caller.sessionId}` : `login ${caller.loginToken}`;
  const refreshToken = readCookie(facts.headers.cookie, cookieNames.refresh);
  return refreshToken === undefined ? `address ${facts.ip ?? ''}` : `refresh ${refreshToken}`;
}

const worthTryingAgain = ({ status, body }: Answer): boolean =>
  status >= 500 || status === 429 || (status === 409 && body.includes('"urn:problem:conflict"'));

const cookiesHeader = 'set-cookie';

const stored = ({ status, headers, cookies, body }: Answer): StoredAnswer => ({
  status,
  headers: { ...headers, [cookiesHeader]: JSON.stringify(cookies) },
  body,
});

function replayed({ status, headers, body }: StoredAnswer): Answer {
  const { [cookiesHeader]: cookies = '[]', ...others } = headers;
  return {
    status,
    headers: { ...others, 'Idempotency-Replayed': 'true' },
    cookies: JSON.parse(cookies) as string[],
    body,
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
