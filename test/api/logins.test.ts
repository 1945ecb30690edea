import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import {
  accessToken,
  at,
  cookies,
  csrfToken,
  deviceToken,
  fakeService,
  grantFor,
  id,
  loginId,
  loginToken,
  ofLogin,
  recording,
  refreshToken,
  session,
  sessionId,
  setCookiesOf,
  teamId,
  tokens,
  userId,
} from './fake-service.ts';

const credentials = { email: 'ada@example.com', password: 'a long enough one' };
const { expiresAt, idleTimeoutSeconds } = session;
const told = { sessionId, userId, teamId, expiresAt, idleTimeoutSeconds };

describe('the first step', () => {
  it('says what is next and gives the token for it', async () => {
    const response = await request(fakeService().app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(200);
    expect(response.headers['event-position']).toBe('41');
    expect(response.body).toEqual({ loginId, loginToken, status: 'device-approval-required', expiresAt: at });
  });

  it('takes bearer transport and a short session for granted', async () => {
    const startLogin = recording((_request: unknown) => Promise.reject(new DomainError('invalid-credentials')));
    const { app } = fakeService({ useCases: { startLogin } });
    await request(app).post('/v1/logins').set('X-Device-Token', deviceToken).send(credentials);
    await request(app)
      .post('/v1/logins')
      .set('X-Device-Token', deviceToken)
      .send({ ...credentials, remember: true, transport: 'cookie' });
    expect(startLogin.calls.map(([first]) => first)).toEqual([
      { ...credentials, remember: false, transport: 'bearer', deviceToken, ip: '127.0.0.1' },
      { ...credentials, remember: true, transport: 'cookie', deviceToken, ip: '127.0.0.1' },
    ]);
    expect(
      (
        await request(app)
          .post('/v1/logins')
          .send({ ...credentials, transport: 'pigeon' })
      ).status,
    ).toBe(400);
  });
});

describe('a device token', () => {
  const seen = async (headers: Record<string, string>) => {
    const startLogin = recording((_request: { deviceToken: string }) =>
      Promise.reject(new DomainError('invalid-credentials')),
    );
    const response = await request(fakeService({ useCases: { startLogin } }).app)
      .post('/v1/logins')
      .set(headers)
      .send(credentials);
    return { seen: startLogin.calls[0]?.[0].deviceToken, response };
  };
  const fresh = tokens.newDeviceToken();
  const other = 'o'.repeat(43);

  it.each([
    ['its header', { 'X-Device-Token': deviceToken }],
    ['its cookie', { Cookie: `a=b; __Host-device=${deviceToken}` }],
    ['its header rather than its cookie', { 'X-Device-Token': deviceToken, Cookie: `__Host-device=${other}` }],
    ['its cookie beside a malformed header', { 'X-Device-Token': 'short', Cookie: `__Host-device=${deviceToken}` }],
  ])('is taken from %s, and no other is given', async (_where, headers) => {
    const { seen: token, response } = await seen(headers);
    expect(token).toBe(deviceToken);
    expect(response.headers).not.toHaveProperty('x-device-token');
    expect(setCookiesOf(response)).toEqual([]);
  });

  it.each([
    ['none', {}],
    ['a short one', { 'X-Device-Token': 'd'.repeat(42) }],
    ['a long one', { 'X-Device-Token': 'd'.repeat(44) }],
    ['one of other characters', { Cookie: `__Host-device=${'+'.repeat(43)}` }],
  ])('is new for a client with %s, both ways, even when the login fails', async (_what, headers) => {
    const { seen: token, response } = await seen(headers);
    expect(token).toBe(fresh);
    expect(response.status).toBe(401);
    expect(response.headers['x-device-token']).toBe(fresh);
    expect(setCookiesOf(response)).toEqual([
      `__Host-device=${fresh}; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });
});

describe('the steps between', () => {
  it('show how the login stands', async () => {
    const getLogin = recording((_request: unknown) => Promise.reject(new DomainError('login-expired')));
    const response = await request(fakeService({ useCases: { getLogin } }).app)
      .get(`/v1/logins/${loginId}`)
      .set(ofLogin);
    expect(response.status).toBe(410);
    expect(getLogin.calls).toEqual([[{ loginId, loginToken }]]);
  });

  it('take six digits and answer the teams to choose from', async () => {
    const { app } = fakeService();
    const approve = (code: unknown) =>
      request(app).post(`/v1/logins/${loginId}/device-approval`).set(ofLogin).send({ code });
    const response = await approve('012345');
    expect(response.body).toEqual({
      loginId,
      loginToken,
      status: 'team-selection-required',
      teams: [{ teamId, name: 'Acme', role: 'Owner' }],
      expiresAt: at,
    });
    for (const code of ['12345', '1234567', '12345a', '\u0661\u0662\u0663\u0664\u0665\u0666', 123456, '', null]) {
      expect((await approve(code)).status).toBe(400);
    }
  });

  it('say how long to wait for another code', async () => {
    const error = new DomainError('device-code-resend-too-early', { retryAfterSeconds: 42 });
    const { app } = fakeService({ useCases: { resendDeviceCode: () => Promise.reject(error) } });
    const response = await request(app).post(`/v1/logins/${loginId}/device-approval/resend`).set(ofLogin);
    expect([response.status, response.headers['retry-after']]).toEqual([429, '42']);
  });
});

describe('the last step', () => {
  const selectTeam = (transport: 'bearer' | 'cookie') =>
    request(fakeService({ useCases: { selectTeam: () => Promise.resolve(grantFor(transport)) } }).app)
      .post(`/v1/logins/${loginId}/team`)
      .set(ofLogin)
      .send({ teamId });

  it('gives the tokens', async () => {
    const response = await selectTeam('bearer');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ accessToken, refreshToken, tokenType: 'Bearer', expiresIn: 21_600, session: told });
    expect(setCookiesOf(response)).toEqual([]);
  });

  it('gives cookies that only this host gets and no script reads, and a CSRF token instead', async () => {
    const response = await selectTeam('cookie');
    expect(response.body).toEqual({ csrfToken, tokenType: 'Bearer', expiresIn: 21_600, session: told });
    expect(setCookiesOf(response)).toEqual([
      `__Host-access=${accessToken}; Path=/; Max-Age=21600; HttpOnly; Secure; SameSite=Lax`,
      `__Host-refresh=${refreshToken}; Path=/; Expires=Fri, 09 Jan 2026 03:04:05 GMT; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });
});

describe('a refresh', () => {
  const refreshSession = (transport: 'bearer' | 'cookie') =>
    recording((_request: unknown) => Promise.resolve(grantFor(transport)));

  it('takes the token from the body', async () => {
    const useCase = refreshSession('bearer');
    const { app } = fakeService({ useCases: { refreshSession: useCase } });
    const response = await request(app).post('/v1/sessions/refresh').send({ refreshToken });
    expect(response.body).toEqual({ accessToken, refreshToken, tokenType: 'Bearer', expiresIn: 21_600, session: told });
    expect(useCase.calls[0]?.[0]).toEqual({ refreshToken });
  });

  it('takes the token from the cookie, when our own page asks', async () => {
    const useCase = refreshSession('cookie');
    const { app } = fakeService({ useCases: { refreshSession: useCase } });
    const post = () => request(app).post('/v1/sessions/refresh').set(cookies);
    const response = await post().set('X-CSRF-Token', csrfToken);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ csrfToken, tokenType: 'Bearer', expiresIn: 21_600, session: told });
    expect(setCookiesOf(response)).toHaveLength(2);

    const refusals = [
      [await post(), 'csrf-token-invalid'],
      [await post().set('X-CSRF-Token', tokens.issue('csrf', [id(99)])), 'csrf-token-invalid'],
      [await post().set({ 'X-CSRF-Token': csrfToken, Origin: 'https://evil.example' }), 'cross-site-request'],
      [await post().set({ 'X-CSRF-Token': csrfToken, 'Sec-Fetch-Site': 'same-site' }), 'cross-site-request'],
    ] as const;
    for (const [refused, code] of refusals) {
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ type: `urn:problem:${code}` });
    }
    expect(useCase.calls).toHaveLength(1);
  });

  it('answers in the transport of the session, whichever way the token came', async () => {
    const { app } = fakeService({ useCases: { refreshSession: refreshSession('cookie') } });
    const response = await request(app).post('/v1/sessions/refresh').send({ refreshToken });
    expect(response.body).not.toHaveProperty('refreshToken');
    expect(setCookiesOf(response)).toHaveLength(2);
  });

  it('without a token, or with a cookie that is none, is refused', async () => {
    const { app } = fakeService();
    const without = await request(app).post('/v1/sessions/refresh');
    expect(without.status).toBe(400);
    expect(without.body).toMatchObject({ errors: [{ pointer: '/refreshToken', detail: 'is required' }] });
    const broken = await request(app).post('/v1/sessions/refresh').set('Cookie', '__Host-refresh=broken');
    expect(broken.status).toBe(401);
    expect(broken.body).toMatchObject({ type: 'urn:problem:refresh-token-invalid' });
    expect(tokens.read('refresh', refreshToken)?.ids).toEqual([userId, sessionId]);
  });
});
