import { createHash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { KeySet } from './key-set.ts';
import { serviceUnavailable, sessionRequired } from './problem.ts';
import { recent } from './recent.ts';

/** What an access token says. Whether its session still runs is another question. */
export interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly expiresAt: Date;
}

export interface VerifiedToken {
  /** SHA-256 of the token: caches never hold a token itself. */
  readonly digest: string;
  readonly claims: Claims;
}

interface Remembered extends VerifiedToken {
  readonly kid: string;
  readonly expiresAtMs: number;
}

/** Throws `AccessRefused`. */
export type VerifyToken = (token: string) => VerifiedToken | Promise<VerifiedToken>;

export function tokenVerifier({
  keys,
  issuer,
  audience,
  now,
  size,
}: {
  keys: KeySet;
  issuer: string;
  audience: string;
  now: () => number;
  size: number;
}): VerifyToken {
  const verified = recent<Remembered>(size);
  const expected = { issuer, audience, algorithms: ['EdDSA'], typ: 'at+jwt' };

  return (token) => {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verified.get(digest);
    if (known === undefined || !keys.has(known.kid)) return verifyNow(token, digest);
    if (known.expiresAtMs > now()) return known;
    verified.delete(digest);
    throw sessionRequired();
  };

  async function verifyNow(token: string, digest: string): Promise<VerifiedToken> {
    const kid = keyIdOf(token);
    if (kid === undefined) throw sessionRequired();
    const key = await keys.keyOf(kid).catch((error: unknown) => {
      throw serviceUnavailable(error);
    });
    if (key === undefined) throw sessionRequired();
    const claims = claimsOf(await payloadOf(token, key));
    verified.set(digest, { digest, claims, kid, expiresAtMs: claims.expiresAt.getTime() });
    return { digest, claims };
  }

  async function payloadOf(token: string, key: Awaited<ReturnType<KeySet['keyOf']>> & object): Promise<object> {
    try {
      return (await jwtVerify(token, key, { ...expected, currentDate: new Date(now()) })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw sessionRequired();
      throw error;
    }
  }
}

function claimsOf(payload: object): Claims {
  const { sub, sid, tid, role, exp } = payload as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (!isText(sub) || !isText(sid) || !isText(tid) || !isText(role) || typeof exp !== 'number') throw sessionRequired();
  return { userId: sub, sessionId: sid, teamId: tid, roleId: role, expiresAt: new Date(exp * 1000) };
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    // It is no token at all.
    return undefined;
  }
}
