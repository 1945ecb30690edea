import { DomainError } from '../domain/errors.ts';
import { cookieNames, readCookie } from './cookies.ts';
import { refuseCrossSite, requireCsrfToken } from './cross-site.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Endpoint, SessionCaller } from './endpoint.ts';
import { RequestProblem } from './problems.ts';
import type { RequestFacts } from './request-facts.ts';

export type Caller = SessionCaller | { readonly loginToken: string } | undefined;

/** Finds out who calls, as the endpoint asks for it. A header wins over cookies: no browser adds it by itself. */
export function authenticator({
  useCases,
  tokens,
  publicUrl,
}: Pick<ApiDependencies, 'useCases' | 'tokens' | 'publicUrl'>) {
  return async ({ auth, method, bodyType }: Endpoint, facts: RequestFacts): Promise<Caller> => {
    if (bodyType === 'application/x-www-form-urlencoded') refuseCrossSite(facts, publicUrl);
    switch (auth) {
      case 'none':
        return undefined;
      case 'login-token':
        return { loginToken: loginTokenIn(facts) };
      case 'optional-session':
        return presentsSession(facts) ? session(method, facts) : undefined;
      case 'session':
        return session(method, facts);
      case 'session-or-login':
        return loginTokenOf(facts) ?? session(method, facts);
    }
  };

  /** Both come as bearer tokens; each says what it is for. */
  function loginTokenOf(facts: RequestFacts): { loginToken: string } | undefined {
    const loginToken = bearerTokenIn(facts);
    return loginToken !== undefined && tokens.read('login', loginToken) !== undefined ? { loginToken } : undefined;
  }

  function session(method: string, facts: RequestFacts): Promise<SessionCaller> {
    return facts.headers.authorization === undefined ? fromCookie(method, facts) : fromHeader(facts);
  }

  async function fromHeader(facts: RequestFacts): Promise<SessionCaller> {
    const token = bearerTokenIn(facts);
    if (token === undefined) throw new DomainError('session-required');
    return { ...(await useCases.checkSession(token)), via: 'header' };
  }

  async function fromCookie(method: string, facts: RequestFacts): Promise<SessionCaller> {
    const token = readCookie(facts.headers.cookie, cookieNames.access);
    if (token === undefined) throw new DomainError('session-required');
    if (method !== 'get') refuseCrossSite(facts, publicUrl);
    const session = await useCases.checkSession(token);
    if (method !== 'get') requireCsrfToken(facts, session.sessionId, tokens);
    return { ...session, via: 'cookie' };
  }
}

const presentsSession = ({ headers }: RequestFacts): boolean =>
  headers.authorization !== undefined || readCookie(headers.cookie, cookieNames.access) !== undefined;

function loginTokenIn(facts: RequestFacts): string {
  const token = bearerTokenIn(facts);
  if (token === undefined) throw new RequestProblem('login-token-required');
  return token;
}

/** RFC 6750 §2.1. */
const bearerTokenIn = ({ headers }: RequestFacts): string | undefined =>
  /^Bearer +([\w.~+/-]+=*) *$/i.exec(headers.authorization ?? '')?.[1];
