import { createLocalJWKSet, jwtVerify, SignJWT, UnsecuredJWT, type JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';

import { newSigningKey, vaultSigningKeys } from '../../src/adapters/jose-signing-keys.ts';
import { joseTokens } from '../../src/adapters/jose-tokens.ts';
import type { MakeKey, ServiceKey } from '../../src/adapters/postgres-service-keys.ts';

const issuer = 'https://auth.example.org';
const audience = 'https://panel.example.org';
const claims = { userId: 'user-1', sessionId: 'session-1', teamId: 'team-1', roleId: 'role-1' };
const start = new Date('2026-01-02T03:04:05.000Z');
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

/** As the vault keeps them, in memory. */
function vault() {
  const keys: ServiceKey[] = [];
  let reachable = true;
  const add = async (make: MakeKey) => {
    const { secret, public: shown } = await make();
    keys.push({ number: keys.length + 1, secret: Buffer.from(secret), public: shown, createdAt: start });
  };
  return {
    rotate: () => add(newSigningKey),
    retireFirst: () => keys.shift(),
    reach: (can: boolean) => (reachable = can),
    all: async (_purpose: string, make = newSigningKey) => {
      if (!reachable) throw new Error('The database does not answer.');
      if (keys.length === 0) await add(make);
      return [...keys];
    },
  };
}

function service(serviceKeys = vault(), options: { issuer?: string; audience?: string } = {}) {
  let now = start;
  const signingKeys = vaultSigningKeys({ serviceKeys, clock: () => now });
  const tokens = joseTokens({ signingKeys, issuer, audience, ...options });
  return { serviceKeys, signingKeys, tokens, at: (time: Date) => (now = time) };
}

describe('an access token', () => {
  it('says who, which session, team and role, for six hours', async () => {
    const { tokens } = service();
    const { token, expiresInSeconds } = await tokens.sign(claims, start);
    expect(expiresInSeconds).toBe(6 * 60 * 60);
    const expiresAt = later(expiresInSeconds);
    for (const seconds of [0, 1, expiresInSeconds - 1]) {
      expect(await tokens.verify(token, later(seconds))).toEqual({ ...claims, expiresAt });
    }
    for (const seconds of [expiresInSeconds, expiresInSeconds + 1]) {
      expect(await tokens.verify(token, later(seconds))).toBeUndefined();
    }
    expect(await service().tokens.verify(token, later(expiresInSeconds))).toBeUndefined();
  });

  it('is verified by anybody with the published keys, which hold no private part', async () => {
    const { tokens } = service();
    const { token } = await tokens.sign(claims, start);
    const published = (await tokens.publicKeys()) as JSONWebKeySet;
    expect(JSON.stringify(published)).not.toMatch(/"d":/);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(published), {
      issuer,
      audience,
      currentDate: start,
    });
    expect(payload).toMatchObject({ sub: 'user-1', sid: 'session-1', tid: 'team-1', role: 'role-1' });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: published.keys[0]?.kid });
  });

  it('outlives a rotation, which other processes learn of at once, until its key is retired', async () => {
    const first = service();
    const { token: old } = await first.tokens.sign(claims, start);
    const second = service(first.serviceKeys);
    expect(await second.tokens.verify(old, start)).toBeDefined();
    await first.serviceKeys.rotate();
    first.at(later(61));
    await first.signingKeys.reload();
    const { token: fresh } = await first.tokens.sign(claims, later(61));
    second.at(later(2));
    expect(await second.tokens.verify(fresh, later(61))).toMatchObject(claims);
    expect(await second.tokens.verify(old, later(61))).toMatchObject(claims);
    expect((await second.tokens.publicKeys()).keys).toHaveLength(2);
    first.serviceKeys.retireFirst();
    second.at(later(200));
    await second.signingKeys.reload();
    expect(await second.tokens.verify(old, later(200))).toBeUndefined();
    expect(await second.tokens.verify(fresh, later(200))).toMatchObject(claims);
  });

  it('is signed and verified on while the vault does not answer', async () => {
    const { serviceKeys, tokens, at } = service();
    const { token } = await tokens.sign(claims, start);
    serviceKeys.reach(false);
    at(later(3600));
    expect(await tokens.verify(token, later(3600))).toMatchObject(claims);
    const { token: another } = await tokens.sign(claims, later(3600));
    expect(await tokens.verify(another, later(3600))).toMatchObject(claims);
  });
});

describe('nothing else passes as an access token', () => {
  it('such as one of another issuer, audience or installation', async () => {
    const { serviceKeys, tokens } = service();
    const others = [
      service(serviceKeys, { issuer: 'https://evil.example.org' }),
      service(serviceKeys, { audience: 'https://other.example.org' }),
      service(),
    ];
    for (const other of others) {
      const { token } = await other.tokens.sign(claims, start);
      expect(await other.tokens.verify(token, start)).toMatchObject(claims);
      expect(await tokens.verify(token, start)).toBeUndefined();
    }
  });

  it('such as one of another type, algorithm or shape', async () => {
    const { signingKeys, tokens } = service();
    const [key] = await signingKeys.current();
    if (key === undefined) throw new Error('There is a key.');
    const build = (typ: string, payload: Record<string, unknown>) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('user-1')
        .setExpirationTime(later(60));
    const full = { sid: 'session-1', tid: 'team-1', role: 'role-1' };
    expect(await tokens.verify(await build('at+jwt', full).sign(key.privateKey), start)).toBeDefined();
    const publicSecret = Buffer.from(JSON.stringify(key.publicJwk));
    const symmetric = await new SignJWT(full)
      .setProtectedHeader({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' })
      .sign(publicSecret);
    const bad = [
      await build('JWT', full).sign(key.privateKey),
      await build('at+jwt', { sid: 'session-1' }).sign(key.privateKey),
      new UnsecuredJWT(full).setIssuer(issuer).setAudience(audience).encode(),
      symmetric,
    ];
    for (const token of bad) expect(await tokens.verify(token, start)).toBeUndefined();
  });

  it('such as garbage, or a token with a letter changed', async () => {
    const { tokens } = service();
    const { token } = await tokens.sign(claims, start);
    const [header, payload, signature] = token.split('.');
    const flipped = (text = '') => (text.startsWith('e') ? 'f' : 'e') + text.slice(1);
    const bad = ['', '.', '..', 'a.b.c', 'é', token.slice(0, -2), `${token}x`, '{}', `${String(header)}..`];
    bad.push([flipped(header), payload, signature].join('.'));
    bad.push([header, flipped(payload), signature].join('.'));
    bad.push([header, payload, flipped(signature)].join('.'));
    for (const text of bad) expect(await tokens.verify(text, start)).toBeUndefined();
  });
});
