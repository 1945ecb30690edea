import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import {
  bearer,
  cookies,
  csrfToken,
  deviceId,
  fakeService,
  recording,
  sessionId,
  setCookiesOf,
  userId,
} from './fake-service.ts';

const token = 'AbC-123_xyz';
const password = 'seven lamps beside the harbour';
const done = () => recording((_request: unknown) => Promise.resolve({ position: 12n }));

describe('asking for a new password', () => {
  it('is answered alike, without a position that would tell of the address', async () => {
    const requestPasswordReset = done();
    const { app } = fakeService({ useCases: { requestPasswordReset } });
    const response = await request(app).post('/v1/password/forgot').send({ email: 'ada@example.com' });
    expect([response.status, response.body, response.headers['event-position']]).toEqual([
      202,
      { status: 'reset-requested' },
      undefined,
    ]);
    expect(requestPasswordReset.calls[0]?.[0]).toEqual({ email: 'ada@example.com' });
  });

  it('counts against what an address may make us mail, on the page too', async () => {
    const mailsOfIp = {
      take: () => Promise.resolve(90),
      giveBack: () => Promise.resolve(),
      blockedFor: () => Promise.resolve(90),
    };
    const requestPasswordReset = done();
    const { app } = fakeService({ limits: { mailsOfIp }, useCases: { requestPasswordReset } });
    const answers = [
      await request(app).post('/v1/password/forgot').send({ email: 'ada@example.com' }),
      await request(app).post('/forgot').type('form').send({ email: 'ada@example.com' }),
    ];
    for (const { status, headers } of answers) expect([status, headers['retry-after']]).toEqual([429, '90']);
    expect(answers[1]?.text).toContain('Too many requests');
    expect(requestPasswordReset.calls).toEqual([]);
  });
});

describe('choosing a new password', () => {
  it('takes the token and the password, and answers with nothing but the position', async () => {
    const resetPassword = done();
    const { app } = fakeService({ useCases: { resetPassword } });
    const { status, text, headers } = await request(app).post('/v1/password/reset').send({ token, password });
    expect([status, text, headers['event-position']]).toEqual([204, '', '12']);
    expect(setCookiesOf({ headers })).toEqual([]);
    expect(resetPassword.calls[0]?.[0]).toEqual({ token, password });
  });

  it.each([
    ['reset-token-invalid', 400],
    ['reset-token-expired', 410],
    ['reset-token-used', 409],
  ] as const)('says that the token is no good: %s', async (code, status) => {
    const { app } = fakeService({ useCases: { resetPassword: () => Promise.reject(new DomainError(code)) } });
    const response = await request(app).post('/v1/password/reset').send({ token, password });
    expect([response.status, response.body]).toMatchObject([status, { type: `urn:problem:${code}` }]);
  });

  it('gives the reasons in words', async () => {
    const error = new DomainError('password-not-acceptable', { reasons: 'too-short, is-current' });
    const { app } = fakeService({ useCases: { resetPassword: () => Promise.reject(error) } });
    const response = await request(app).post('/v1/password/reset').send({ token, password: 'short' });
    expect(response.status).toBe(422);
    expect((response.body as { errors: unknown }).errors).toEqual([
      { pointer: '/password', detail: 'must have at least 12 characters' },
      { pointer: '/password', detail: 'must not be the one that has to be changed' },
    ]);
  });
});

describe('changing the password', () => {
  const body = { currentPassword: 'the one before', password };

  it('is for who is logged in, on this device, from this address', async () => {
    const changePassword = done();
    const { app } = fakeService({ useCases: { changePassword }, trustProxy: ['loopback'] });
    const from = { ...bearer, 'X-Forwarded-For': '203.0.113.9' };
    expect((await request(app).post('/v1/password/change').set(from).send(body)).status).toBe(204);
    expect(changePassword.calls[0]?.[0]).toEqual({ ...body, userId, sessionId, deviceId, ip: '203.0.113.9' });
    expect((await request(app).post('/v1/password/change').send(body)).status).toBe(401);
  });

  it('needs the CSRF token with cookies', async () => {
    const { app } = fakeService();
    const post = () => request(app).post('/v1/password/change').set(cookies).send(body);
    expect((await post()).status).toBe(403);
    expect((await post().set('X-CSRF-Token', csrfToken)).status).toBe(204);
  });
});

it('a login with a password that has to be changed says so, with what to do', async () => {
  const error = new DomainError('password-change-required', {
    nextStep: 'POST /v1/password/reset',
    changeToken: token,
  });
  const { app, logged } = fakeService({ useCases: { startLogin: () => Promise.reject(error) } });
  const response = await request(app).post('/v1/logins').send({ email: 'ada@example.com', password });
  expect(response.status).toBe(403);
  expect(response.body).toMatchObject({
    type: 'urn:problem:password-change-required',
    nextStep: 'POST /v1/password/reset',
    changeToken: token,
  });
  expect(JSON.stringify(logged)).not.toContain(token);
});

describe('the page behind the link', () => {
  const press = (app: ReturnType<typeof fakeService>['app'], body: object = { token, password }) =>
    request(app).post('/reset').type('form').send(body);

  it('asks for the password and uses nothing up, whoever opens it', async () => {
    const resetPassword = done();
    const { app, logged } = fakeService({ useCases: { resetPassword } });
    const opened = await request(app).get(`/reset?token=${token}${'t'.repeat(60)}&utm_source=mail`);
    const scanned = await request(app).head(`/reset?token=${token}`);
    expect([opened.status, scanned.status]).toEqual([200, 200]);
    expect(opened.text).toMatch(/<form method="post" action="\/reset">/);
    expect(opened.text).toContain(`<input type="hidden" name="token" value="${token}`);
    expect(opened.text).toMatch(/<label for="password">New password<\/label>/);
    expect(opened.text).not.toMatch(/<script|javascript:|https?:|style="|<img|<link/);
    expect(opened.headers['referrer-policy']).toBe('no-referrer');
    expect(opened.headers['cache-control']).toBe('no-store');
    expect(resetPassword.calls).toEqual([]);
    expect(JSON.stringify(logged)).not.toContain(token);
  });

  it('says that it is done', async () => {
    const resetPassword = done();
    const { status, text, headers } = await press(fakeService({ useCases: { resetPassword } }).app);
    expect([status, headers['event-position']]).toEqual([200, '12']);
    expect(text).toContain('Your password is changed');
    expect(resetPassword.calls[0]?.[0]).toEqual({ token, password });
  });

  it('shows the form again with the reasons, and never the password', async () => {
    const error = new DomainError('password-not-acceptable', { reasons: 'common, is-name' });
    const { app } = fakeService({ useCases: { resetPassword: () => Promise.reject(error) } });
    const { status, text, headers } = await press(app);
    expect(status).toBe(422);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('It is one of the most common passwords.');
    expect(text).toContain('It must not be your name.');
    expect(text).toContain(`name="token" value="${token}"`);
    expect(text).not.toContain(password);
  });

  it.each([
    ['used', new DomainError('reset-token-used'), 409, 'This link has been used', 'href="/forgot"'],
    ['too old', new DomainError('reset-token-expired'), 410, 'This link is too old', 'href="/forgot"'],
    ['not ours', new DomainError('reset-token-invalid'), 400, 'This link does not work', 'href="/forgot"'],
    ['good, while we are busy', new Unavailable('password-hashing'), 503, 'did not work just now', 'still good'],
    ['good, while we are broken', new Error('secret detail'), 500, 'did not work just now', 'still good'],
  ])('says in words that the link is %s', async (_what, error, status, words, advice) => {
    const response = await press(fakeService({ useCases: { resetPassword: () => Promise.reject(error) } }).app);
    expect(response.status).toBe(status);
    expect(response.text).toContain(words);
    expect(response.text).toContain(advice);
    expect(response.text).not.toContain('secret detail');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('cannot be sent by another site, nor with anything more in it', async () => {
    const { app } = fakeService();
    const foreign = await press(app).set({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' });
    expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining('did not come from our page')]);
    expect((await press(app).set({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
    expect((await press(app, { token, password, userId })).status).toBe(400);
    const long = await press(app, { token, password: 'a'.repeat(5000) });
    expect([long.status, long.text]).toEqual([413, expect.stringContaining('too long')]);
    expect((await request(app).get('/reset?token=%22%3E%3Cscript%3E')).status).toBe(400);
  });
});

describe('the page that asks for the address', () => {
  it('gives one answer to every address', async () => {
    const { app } = fakeService();
    const form = await request(app).get('/forgot?utm_source=mail');
    expect(form.text).toMatch(/<form method="post" action="\/forgot">/);
    const asked = await request(app).post('/forgot').type('form').send({ email: 'ada@example.com' });
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('If there is an account')]);
    expect(asked.headers['event-position']).toBeUndefined();
  });

  it('asks again for what is no address', async () => {
    const { status, text } = await request(fakeService().app).post('/forgot').type('form').send({ email: 'ada' });
    expect([status, text]).toEqual([400, expect.stringContaining('That is not an e-mail address')]);
    expect(text).toContain('<form method="post" action="/forgot">');
  });
});
