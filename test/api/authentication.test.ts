import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/application/ports.ts';
import {
  accessToken,
  bearer,
  cookies,
  csrfToken,
  deviceId,
  fakeService,
  id,
  loginId,
  recording,
  sessionId,
  setCookiesOf,
  tokens,
  userId,
} from './fake-service.ts';

const publicUrl = 'https://auth.example.com';
const logOut = (headers: Record<string, string>) =>
  request(fakeService({ publicUrl }).app).delete('/v1/session').set(headers);

describe('a session', () => {
  it.each([
    ['nothing', {}],
    ['another scheme', { Authorization: 'Basic YTpi' }],
    ['an empty token', { Authorization: 'Bearer ' }],
    ['a token of nobody', { Authorization: 'Bearer other.token.here' }],
    ['a token with something behind it', { Authorization: `Bearer ${accessToken} more` }],
    ['a cookie of nobody', { Cookie: '__Host-access=other' }],
    ['a cookie of a like name', { Cookie: `access=${accessToken}; x__Host-access=${accessToken}` }],
    ['a wrong header beside a good cookie', { ...cookies, Authorization: 'Bearer other' }],
  ])('is not shown by %s', async (_what, headers) => {
    const response = await request(fakeService().app).get('/v1/session').set(headers);
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.body).toMatchObject({ type: 'urn:problem:session-required' });
  });

  it.each([
    ['a header', bearer],
    ['a header in small letters', { Authorization: `bearer ${accessToken}` }],
    ['a cookie', cookies],
    ['a cookie among others', { Cookie: `a=b; __Host-access=${accessToken} ; c` }],
  ])('is shown by %s', async (_what, headers) => {
    expect((await request(fakeService().app).get('/v1/session').set(headers)).status).toBe(200);
  });

  it('stands in the context of what its caller does', async () => {
    const revokeSession = recording((_request: unknown, _context: Context) => Promise.resolve({ position: 1n }));
    await request(fakeService({ useCases: { revokeSession } }).app)
      .delete('/v1/session')
      .set({ ...bearer, 'User-Agent': `Mozilla/5.0 ${'x'.repeat(600)}` });
    const [[asked, context] = []] = revokeSession.calls;
    expect(asked).toEqual({ userId, sessionId, reason: 'logged-out' });
    expect(context).toMatchObject({ actor: { kind: 'user', userId }, sessionId, deviceId });
    expect(context?.client).toMatchObject({ ip: '127.0.0.1', place: null });
    expect(context?.client?.userAgent).toHaveLength(512);
  });
});

describe('a change with cookies', () => {
  const good = { ...cookies, 'X-CSRF-Token': csrfToken };
  const own = { Origin: publicUrl, 'Sec-Fetch-Site': 'same-origin' };

  it.each([
    ['the token', good],
    ['the token, from our own page', { ...good, ...own }],
    ['the token, typed in by a person', { ...good, 'Sec-Fetch-Site': 'none' }],
    [
      'the token, from a page of ours that sends no referrer',
      { ...good, Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
    ],
  ])('passes with %s', async (_what, headers) => {
    expect((await logOut(headers)).status).toBe(204);
  });

  it.each([
    ['no token', { ...cookies, ...own }],
    ['an empty token', { ...cookies, 'X-CSRF-Token': '' }],
    ['the token of another session', { ...cookies, 'X-CSRF-Token': tokens.issue('csrf', [id(99)]) }],
    ['a token of another purpose', { ...cookies, 'X-CSRF-Token': tokens.issue('login', [sessionId]) }],
    ['the access token', { ...cookies, 'X-CSRF-Token': accessToken }],
  ])('is refused with %s', async (_what, headers) => {
    const response = await logOut(headers);
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({ type: 'urn:problem:csrf-token-invalid' });
  });

  it.each([
    ['another origin', { Origin: 'https://evil.example' }],
    ['a neighbour', { Origin: 'https://www.example.com', 'Sec-Fetch-Site': 'same-site' }],
    ['another port', { Origin: 'https://auth.example.com:8443' }],
    ['plain http', { Origin: 'http://auth.example.com' }],
    ['an origin that only begins like ours', { Origin: 'https://auth.example.com.evil.example' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sandboxed frame', { Origin: 'null' }],
    ['another origin that says it is ours', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' }],
  ])('is refused from %s, token or not', async (_what, headers) => {
    const response = await logOut({ ...good, ...headers });
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({ type: 'urn:problem:cross-site-request' });
  });

  it('needs neither token nor origin when a header carries the session', async () => {
    expect((await logOut({ ...bearer, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' })).status).toBe(
      204,
    );
    expect((await logOut({ ...cookies, ...bearer })).status).toBe(204);
  });

  it('is not needed to read', async () => {
    const response = await request(fakeService().app)
      .get('/v1/session')
      .set(cookies)
      .set('Sec-Fetch-Site', 'cross-site');
    expect(response.status).toBe(200);
  });

  it('that logs out clears the cookies', async () => {
    expect(setCookiesOf(await logOut(good))).toEqual([
      '__Host-access=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
      '__Host-refresh=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
    ]);
    expect(setCookiesOf(await logOut(bearer))).toEqual([]);
  });
});

describe('a step of a login', () => {
  it('needs the login token in the header, not in a cookie', async () => {
    for (const headers of [{}, cookies, { Authorization: 'Basic YTpi' }]) {
      const response = await request(fakeService().app).get(`/v1/logins/${loginId}`).set(headers);
      expect(response.status).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.body).toMatchObject({ type: 'urn:problem:login-token-required' });
    }
  });
});

describe('the address of the client', () => {
  const seen = async (trustProxy: readonly string[], forwarded?: string) => {
    const startLogin = recording((_request: { ip: string }, _context: Context) => Promise.reject(new Error('seen')));
    await request(fakeService({ trustProxy, useCases: { startLogin } }).app)
      .post('/v1/logins')
      .set(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded })
      .send({ email: 'ada@example.com', password: 'a long enough one' });
    const [[login, context] = []] = startLogin.calls;
    expect(context?.client?.ip).toBe(login?.ip);
    return login?.ip;
  };

  it('is that of the connection, whatever a header says, unless the proxy is trusted', async () => {
    expect(await seen([])).toBe('127.0.0.1');
    expect(await seen([], '203.0.113.7')).toBe('127.0.0.1');
    expect(await seen(['10.0.0.0/8'], '203.0.113.7')).toBe('127.0.0.1');
  });

  it('is the last one that no trusted proxy has', async () => {
    expect(await seen(['loopback'], '203.0.113.7')).toBe('203.0.113.7');
    expect(await seen(['loopback'], '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await seen(['loopback', '203.0.113.0/24'], '198.51.100.1, 203.0.113.7')).toBe('198.51.100.1');
    expect(await seen(['loopback'], '2001:db8::7')).toBe('2001:db8::7');
    expect(await seen(['loopback'], '::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('is that of the connection where the proxy writes something else', async () => {
    expect(await seen(['loopback'], '<script>')).toBe('127.0.0.1');
    expect(await seen(['loopback'], 'unknown')).toBe('127.0.0.1');
  });
});
