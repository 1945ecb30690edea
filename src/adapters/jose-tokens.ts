import { hash } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { JOSEError } from 'jose/errors';
import { v7 } from 'uuid';
import { z } from 'zod';

import type { AccessTokenClaims, AccessTokens } from '../application/ports.ts';
import { accessTokenSeconds, type SigningKey, type SigningKeys } from './jose-signing-keys.ts';

const claimsSchema = z.object({
  sub: z.string(),
  sid: z.string(),
  tid: z.string(),
  role: z.string(),
  exp: z.number(),
});

const algorithm = 'EdDSA';
/** RFC 9068 §2.1: keeps other tokens signed by the same key from passing as access tokens. */
const type = 'at+jwt';
const cachedTokens = 10_000;

interface Verified {
  readonly claims: AccessTokenClaims & { readonly expiresAt: Date };
  readonly kid: string;
}

interface Issuing {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
}

export function joseTokens({
  signingKeys,
  issuer,
  audience,
  lifetimeSeconds = accessTokenSeconds,
}: {
  signingKeys: SigningKeys;
  issuer: string;
  audience: string;
  lifetimeSeconds?: number;
}): AccessTokens {
  const issuing = { issuer, audience, lifetimeSeconds };
  const cache = new Map<string, Verified>();

  /** A token is verified once; after that only its expiry and its key are looked at. */
  async function remembered(digest: string): Promise<Verified | undefined> {
    const known = cache.get(digest);
    if (known === undefined) return undefined;
    if ((await signingKeys.current()).some(({ kid }) => kid === known.kid)) return known;
    cache.delete(digest);
    return undefined;
  }

  function remember(digest: string, verified: Verified): void {
    cache.set(digest, verified);
    const [oldest] = cache.keys();
    if (cache.size > cachedTokens && oldest !== undefined) cache.delete(oldest);
  }

  return {
    async sign(claims, now) {
      const key = await signingKeys.newest();
      return { token: await signed(claims, now, key, issuing), expiresInSeconds: lifetimeSeconds };
    },

    async verify(token, now) {
      const digest = hash('sha256', token, 'base64');
      const known = await remembered(digest);
      if (known) return known.claims.expiresAt > now ? known.claims : undefined;
      const verified = await verifiedNow(token, now, signingKeys, issuing);
      if (verified) remember(digest, verified);
      return verified?.claims;
    },

    async publicKeys() {
      return { keys: (await signingKeys.current()).map(({ publicJwk }) => publicJwk) };
    },
  };
}

function signed(claims: AccessTokenClaims, now: Date, key: SigningKey, issuing: Issuing): Promise<string> {
  const { userId, sessionId, teamId, roleId } = claims;
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ sid: sessionId, tid: teamId, role: roleId })
    .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: type })
    .setIssuer(issuing.issuer)
    .setAudience(issuing.audience)
    .setSubject(userId)
    .setJti(v7())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + issuing.lifetimeSeconds)
    .sign(key.privateKey);
}

async function verifiedNow(
  token: string,
  now: Date,
  signingKeys: SigningKeys,
  { issuer, audience }: Issuing,
): Promise<Verified | undefined> {
  const kid = keyIdOf(token);
  const key = kid === undefined ? undefined : await keyOf(kid, signingKeys);
  if (key === undefined) return undefined;
  const expected = { issuer, audience, algorithms: [algorithm], typ: type, currentDate: now };
  try {
    const { payload } = await jwtVerify(token, key.publicKey, expected);
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) return undefined;
    const { sub, sid, tid, role, exp } = claims.data;
    const expiresAt = new Date(exp * 1000);
    return { claims: { userId: sub, sessionId: sid, teamId: tid, roleId: role, expiresAt }, kid: key.kid };
  } catch (error) {
    if (error instanceof JOSEError) return undefined;
    throw error;
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    // It is no token at all.
    return undefined;
  }
}

async function keyOf(kid: string, signingKeys: SigningKeys): Promise<SigningKey | undefined> {
  const isThis = (key: SigningKey): boolean => key.kid === kid;
  return (await signingKeys.current()).find(isThis) ?? (await signingKeys.reload()).find(isThis);
}
