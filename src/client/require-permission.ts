import { AccessRefused, sessionRequired, serviceUnavailable } from './problem.ts';
import type { SessionState } from './session-state.ts';
import type { Claims } from './verify-token.ts';

/** What the middleware needs of a request; Express, Connect and Node's own have it. */
export interface RequestLike {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Set for the handlers that follow. */
  auth?: Caller;
}

export interface ResponseLike {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

export interface Caller extends SessionState {
  readonly claims: Claims;
  readonly token: string;
}

interface Asking {
  session(token: string): Promise<SessionState & { readonly claims: Claims }>;
}

export type Middleware = (request: RequestLike, response: ResponseLike, next: (error?: unknown) => void) => void;

/**
 * Lets a request pass when its bearer token is good and its session has every permission, and answers it otherwise with
 * problem details (RFC 9457): 401, 403, or 503 when that cannot be found out.
 */
export function permissionGuard(client: Asking, permissions: readonly string[]): Middleware {
  return (request, response, next) => {
    callerOf(client, request, permissions).then(
      (caller) => {
        request.auth = caller;
        next();
      },
      (error: unknown) => {
        refuse(response, error instanceof AccessRefused ? error : serviceUnavailable(error));
      },
    );
  };
}

async function callerOf(client: Asking, request: RequestLike, permissions: readonly string[]): Promise<Caller> {
  const token = bearerTokenIn(request);
  if (token === undefined) throw sessionRequired();
  const { claims, ...state } = await client.session(token);
  const missing = permissions.find((permission) => !state.permissions.has(permission));
  if (missing !== undefined) throw new PermissionMissing(missing);
  return { ...state, claims, token };
}

/** RFC 6750 §2.1. */
const bearerTokenIn = ({ headers: { authorization } }: RequestLike): string | undefined =>
  typeof authorization === 'string' ? /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1] : undefined;

class PermissionMissing extends AccessRefused {
  readonly permission: string;

  constructor(permission: string) {
    super(403, 'permission-missing', 'A permission is missing');
    this.permission = permission;
  }
}

function refuse(response: ResponseLike, refusal: AccessRefused): void {
  const { status, code, message: title } = refusal;
  const details = refusal instanceof PermissionMissing ? { permission: refusal.permission } : {};
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Cache-Control', 'no-store');
  if (status === 401) response.setHeader('WWW-Authenticate', challenge(code));
  if (status === 503) response.setHeader('Retry-After', '1');
  response.end(JSON.stringify({ ...details, type: `urn:problem:${code}`, status, title }));
}

/** RFC 6750 §3: an error is named only where a token was presented and is no good. */
const challenge = (code: string): string => (code === 'session-required' ? 'Bearer' : 'Bearer error="invalid_token"');
