import type { Context } from '../application/ports.ts';
import { DomainError } from '../domain/errors.ts';
import { cookieNames, readCookie } from './cookies.ts';
import { refuseForeignToken } from './cross-site.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { RequestFacts } from './request-facts.ts';

export interface PageVisitor {
  readonly userId: string;
  readonly sessionId: string;
  readonly deviceId: string;
  /** For the forms of the page. */
  readonly csrfToken: string;
}

type Deps = Pick<ApiDependencies, 'useCases' | 'tokens'>;

/** Who is signed in in the browser that opens a page; with a session that is good no more, nobody is. */
export async function pageVisitor(
  { useCases, tokens }: Deps,
  { headers }: RequestFacts,
): Promise<PageVisitor | undefined> {
  const token = readCookie(headers.cookie, cookieNames.access);
  if (token === undefined) return undefined;
  try {
    const { userId, sessionId, deviceId } = await useCases.checkSession(token);
    return { userId, sessionId, deviceId, csrfToken: tokens.issue('csrf', [sessionId]) };
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/** Whoever sends a form of a page that knew them. Throws `session-required` and `csrf-token-invalid`. */
export async function formSender(
  deps: Deps,
  request: RequestFacts,
  csrfToken: string,
  context: Context,
): Promise<PageVisitor & { readonly context: Context }> {
  const visitor = await pageVisitor(deps, request);
  if (visitor === undefined) throw new DomainError('session-required');
  refuseForeignToken(csrfToken, visitor.sessionId, deps.tokens);
  const { userId, sessionId, deviceId } = visitor;
  return { ...visitor, context: { ...context, actor: { kind: 'user', userId }, sessionId, deviceId } };
}
