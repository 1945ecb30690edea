import { cookieNames, readCookie, setCookie } from './cookies.ts';
import { header, type RequestFacts } from './request-facts.ts';

/** As long as browsers keep a cookie at all (RFC 6265bis §5.5). */
const cookieLifeSeconds = 400 * 24 * 60 * 60;

/** 256 bits in base64url. */
const wellFormed = /^[\w-]{43}$/;

/** Anything malformed counts as absent: the client then gets a token that works. */
export function deviceTokenIn({ headers }: RequestFacts): string | undefined {
  const candidates = [header(headers, 'x-device-token'), readCookie(headers.cookie, cookieNames.device)];
  return candidates.find((token) => token !== undefined && wellFormed.test(token));
}

/** Hands a new token to the client both ways: it may send it back either way. */
export const deviceTokenHandedOut = (token: string) => ({
  headers: { 'X-Device-Token': token },
  cookies: [setCookie(cookieNames.device, token, { maxAgeSeconds: cookieLifeSeconds })],
});
