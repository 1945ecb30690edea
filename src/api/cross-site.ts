import type { Tokens } from '../application/ports.ts';
import { RequestProblem } from './problems.ts';
import { header, type RequestFacts } from './request-facts.ts';

/**
 * Refuses what another site made a browser send (OWASP CSRF Prevention: Fetch Metadata, Verifying Origin). A page of
 * ours without referrer sends `Origin: null` from its form; the browser's own word on the site then decides.
 */
export function refuseCrossSite({ headers }: RequestFacts, publicUrl: string): void {
  const site = header(headers, 'sec-fetch-site');
  const { origin } = headers;
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  const ownOrigin =
    origin === undefined || origin === new URL(publicUrl).origin || (origin === 'null' && site === 'same-origin');
  if (!sameSite || !ownOrigin) throw new RequestProblem('cross-site-request');
}

/** What a browser sends with cookies alone might be another site's doing: only our own pages know the token. */
export function requireCsrfToken({ headers }: RequestFacts, sessionId: string, tokens: Pick<Tokens, 'read'>): void {
  refuseForeignToken(header(headers, 'x-csrf-token'), sessionId, tokens);
}

/** The same for a form, whose page put the token into it. */
export function refuseForeignToken(given: string | undefined, sessionId: string, tokens: Pick<Tokens, 'read'>): void {
  const ids = given === undefined ? undefined : tokens.read('csrf', given)?.ids;
  if (ids?.[0] !== sessionId) throw new RequestProblem('csrf-token-invalid');
}
