import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccessRefused, createAuthClient, type AuthClientOptions } from '../../src/client/create-auth-client.ts';
import type { RequestLike } from '../../src/client/require-permission.ts';
import { fakeService, signingKey, type SigningKey } from './fake-service.ts';

const issuer = 'https://auth.example.com';
const start = Date.parse('2030-01-02T03:04:05.000Z');

/** The service, as far as the client sees it. */
let service: ReturnType<typeof fakeService>;
let now: number;
beforeEach(() => {
  now = start;
  service = fakeService();
});

const client = (more: Partial<AuthClientOptions> = {}) =>
  createAuthClient({ baseUrl: `${issuer}/`, fetch: service.fetch, clock: () => new Date(now), ...more });

interface TokenChanges {
  readonly key?: SigningKey;
  readonly claims?: object;
  readonly issuer?: string;
  readonly audience?: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly seconds?: number;
}

function token(changes: TokenChanges = {}): Promise<string> {
  const key = changes.key ?? service.keys[0] ?? expect.fail();
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ sid: 'session', tid: 'team', role: 'role', ...changes.claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: changes.kid ?? key.kid, typ: changes.typ ?? 'at+jwt' })
    .setIssuer(changes.issuer ?? issuer)
    .setAudience(changes.audience ?? issuer)
    .setSubject('ada')
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + (changes.seconds ?? 3600))
    .sign(key.privateKey);
}

const refusalOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'none',
    (error: unknown) => (error instanceof AccessRefused ? [error.status, error.code] : error),
  );

const sessionRequired = [401, 'session-required'];
const unavailable = [503, 'auth-service-unavailable'];

describe('a token', () => {
  it('is verified in this process, with keys that are fetched once', async () => {
    const auth = client();
    const claims = { userId: 'ada', sessionId: 'session', teamId: 'team', roleId: 'role' };
    const good = await token();
    expect(await auth.verify(good)).toEqual({ ...claims, expiresAt: new Date(start + 3_600_000) });
    expect(await auth.verify(good)).toMatchObject(claims);
    await auth.verify(await token());
    expect(service.calls).toEqual({ keys: 1, session: 0 });
  });

  it.each<[string, TokenChanges]>([
    ['of another issuer', { issuer: 'https://evil.example.com' }],
    ['for somebody else', { audience: 'https://other.example.com' }],
    ['of another kind', { typ: 'JWT' }],
    ['that has expired', { seconds: -1 }],
    ['without a session', { claims: { sid: 7 } }],
    ['of a stranger who uses our key id', { key: signingKey('one') }],
    ['of a key that nobody knows', { key: signingKey('none') }],
  ])('%s is refused', async (_what, changes) => {
    expect(await refusalOf(client().verify(await token(changes)))).toEqual(sessionRequired);
  });

  it.each(['', 'nonsense', 'a.b.c', `${'a'.repeat(5000)}.b.c`])('that is none is refused (%#)', async (text) => {
    expect(await refusalOf(client().verify(text))).toEqual(sessionRequired);
  });

  it('that was good is refused from its last second on', async () => {
    const auth = client();
    const good = await token();
    await auth.verify(good);
    now = start + 3_599_999;
    await auth.verify(good);
    now = start + 3_600_000;
    expect(await refusalOf(auth.verify(good))).toEqual(sessionRequired);
    expect(await refusalOf(auth.verify(good))).toEqual(sessionRequired);
  });
});

describe('keys', () => {
  it('that are new are found by the first token, and strangers do not make us ask all the time', async () => {
    const auth = client();
    await auth.verify(await token());
    now += 60_000;
    service.keys.push(signingKey('two'));
    await auth.verify(await token({ key: service.keys[1] ?? expect.fail() }));
    expect(service.calls.keys).toBe(2);
    for (let n = 0; n < 20; n += 1)
      expect(await refusalOf(auth.verify(await token({ kid: `x${String(n)}` })))).toEqual(sessionRequired);
    expect(service.calls.keys).toBe(2);
    now += 10_001;
    await refusalOf(auth.verify(await token({ kid: 'y' })));
    expect(service.calls.keys).toBe(3);
  });

  it('go on while the service is away, and a new process has none', async () => {
    const auth = client();
    await auth.verify(await token());
    service.away = true;
    now += 24 * 3_600_000;
    expect(await auth.verify(await token())).toMatchObject({ userId: 'ada' });
    expect(await refusalOf(client().verify(await token()))).toEqual(unavailable);
  });

  it('that were withdrawn are good for nothing any more within minutes, also for tokens seen before', async () => {
    const auth = client();
    const [old, good] = [service.keys[0] ?? expect.fail(), await token()];
    await auth.verify(good);
    service.keys = [signingKey('two')];
    now += 5 * 60_000 + 1;
    await expect.poll(() => refusalOf(auth.verify(good))).toEqual(sessionRequired);
    expect(await refusalOf(auth.verify(await token({ key: old })))).toEqual(sessionRequired);
  });
});

describe('a session', () => {
  it('is asked about once in so many seconds, from when it was asked', async () => {
    const auth = client({ stalenessSeconds: 5 });
    const good = await token();
    const answers = await Promise.all([1, 2, 3].map(() => auth.authorize(good, ['site.create', 'env.delete'])));
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ 'site.create': true, 'env.delete': false })));
    expect(service.calls.session).toBe(1);
    service.permissions = [];
    now += 4999;
    expect(await auth.authorize(good, ['site.create'])).toEqual({ 'site.create': true });
    now += 1;
    expect(await auth.authorize(good, ['site.create'])).toEqual({ 'site.create': false });
    expect(service.calls.session).toBe(2);
  });

  it('is asked about for each request where nothing may be old', async () => {
    const auth = client({ stalenessSeconds: 0 });
    const good = await token();
    await Promise.all([auth.session(good), auth.session(good)]);
    expect(service.calls.session).toBe(2);
    service.refusal = { status: 401, type: 'session-revoked' };
    expect(await refusalOf(auth.session(good))).toEqual([401, 'session-revoked']);
  });

  it('that has ended says why, and is asked about again', async () => {
    const auth = client();
    const good = await token();
    service.refusal = { status: 401, type: 'session-superseded' };
    expect(await refusalOf(auth.authorize(good, ['site.create']))).toEqual([401, 'session-superseded']);
    service.refusal = undefined;
    expect(await auth.authorize(good, ['site.create'])).toEqual({ 'site.create': true });
  });

  it('of somebody who was removed from the team has no rights', async () => {
    service.refusal = { status: 404, type: 'team-not-found' };
    const { team, permissions, claims } = await client().session(await token());
    expect([team, permissions.size, claims.teamId]).toEqual([undefined, 0, 'team']);
  });

  it.each([500, 503, 429, 404])('nobody knows about when the service answers %i', async (status) => {
    service.refusal = { status, type: 'whatever' };
    expect(await refusalOf(client().session(await token()))).toEqual(unavailable);
  });

  it('nobody knows about when the service is away, however well it was known before', async () => {
    const auth = client({ stalenessSeconds: 5 });
    const good = await token();
    await auth.session(good);
    service.away = true;
    now += 4999;
    await auth.session(good);
    now += 1;
    expect(await refusalOf(auth.session(good))).toEqual(unavailable);
  });

  it('is forgotten when there are too many', async () => {
    const auth = client({ cacheSize: 2 });
    const [first, second, third] = [await token(), await token(), await token()];
    for (const each of [first, second, third]) await auth.session(each);
    await auth.session(third);
    expect(service.calls.session).toBe(3);
    await auth.session(first);
    expect(service.calls.session).toBe(4);
  });
});

describe('an answer without end', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    service.endless = true;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('to the question for keys is given up, and the next token asks again', async () => {
    const auth = client();
    const given = await token();
    const refused = refusalOf(auth.verify(given));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await refused).toEqual(unavailable);
    service.endless = false;
    expect(await auth.verify(given)).toMatchObject({ userId: 'ada' });
  });

  it('to the question for a session is given up, and nobody gets in', async () => {
    const auth = client();
    service.endless = false;
    const given = await token();
    await auth.verify(given);
    service.endless = true;
    const refused = refusalOf(auth.session(given));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await refused).toEqual(unavailable);
  });
});

describe('the middleware', () => {
  async function send(authorization: string | undefined, ...permissions: string[]) {
    const request: RequestLike = { headers: { authorization } };
    const headers: Record<string, string> = {};
    return new Promise<{ status: number; headers: object; body?: unknown; auth?: RequestLike['auth'] }>((resolve) => {
      const response = {
        statusCode: 200,
        setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
        end: (body: string) => {
          resolve({ status: response.statusCode, headers, body: JSON.parse(body) as unknown });
        },
      };
      const next = () => {
        resolve({ status: response.statusCode, headers, auth: request.auth });
      };
      client().requirePermission(...permissions)(request, response, next);
    });
  }

  it('lets who has every permission pass, and says who it is', async () => {
    const { status, auth } = await send(`Bearer ${await token()}`, 'site.create', 'team.view');
    expect([status, auth?.claims.userId, auth?.team?.name]).toEqual([200, 'ada', 'Acme']);
  });

  it('refuses who lacks one, and names it', async () => {
    const { status, body, headers } = await send(`bearer ${await token()}`, 'site.create', 'env.delete');
    expect(status).toBe(403);
    expect(body).toEqual({
      type: 'urn:problem:permission-missing',
      status: 403,
      title: 'A permission is missing',
      permission: 'env.delete',
    });
    expect(headers).toEqual({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  });

  it.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer two words'])(
    'refuses who brings no token (%s)',
    async (of) => {
      expect(await send(of, 'site.create')).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer' },
        body: { type: 'urn:problem:session-required' },
      });
    },
  );

  it('refuses a session that has ended', async () => {
    service.refusal = { status: 401, type: 'session-revoked' };
    expect(await send(`Bearer ${await token()}`, 'site.create')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: { type: 'urn:problem:session-revoked' },
    });
  });

  it('lets nobody pass while the service is away', async () => {
    service.away = true;
    expect(await send(`Bearer ${await token()}`, 'site.create')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { type: 'urn:problem:auth-service-unavailable' },
    });
  });
});
