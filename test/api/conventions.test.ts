import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { problems } from '../../src/api/problems.ts';
import { Unavailable, WrongExpectedRevision, type Context, type Dependency } from '../../src/application/ports.ts';
import { DomainError, type DomainErrorCode } from '../../src/domain/errors.ts';
import { bearer, fakeService, loginId, ofLogin, recording } from './fake-service.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const credentials = { email: 'ada@example.com', password: 'a long enough one' };
const failing = (error: Error) => fakeService({ useCases: { startLogin: () => Promise.reject(error) } });

describe('a problem', () => {
  it('names itself, its status and the request', async () => {
    const { app } = failing(new DomainError('invalid-credentials'));
    const response = await request(app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(401);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.body).toEqual({
      type: 'urn:problem:invalid-credentials',
      status: 401,
      title: 'The e-mail address or the password is wrong',
      requestId: response.headers['x-request-id'],
    });
  });

  it.each(Object.keys(problems).filter((code) => problems[code as DomainErrorCode].status < 500))(
    'has the status and title of its code: %s',
    async (code) => {
      const { app } = failing(new DomainError(code as DomainErrorCode));
      const response = await request(app).post('/v1/logins').send(credentials);
      expect(response.body).toMatchObject({ type: `urn:problem:${code}`, ...problems[code as DomainErrorCode] });
      expect(response.status).toBe(problems[code as DomainErrorCode].status);
    },
  );

  it('tells the facts that help the caller, which cannot take the place of its own fields', async () => {
    const details = {
      endedAt: '2026-01-02T03:04:05.678Z',
      byDevice: 'Firefox on Linux',
      byIp: '203.0.113.7',
      status: 200,
    };
    const { app } = fakeService({
      useCases: { checkSession: () => Promise.reject(new DomainError('session-superseded', details)) },
    });
    const response = await request(app).get('/v1/session').set(bearer);
    expect(response.status).toBe(401);
    expect(response.body).toMatchObject({ ...details, status: 401, type: 'urn:problem:session-superseded' });
    expect(response.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('says when to come back', async () => {
    const { app } = failing(new DomainError('too-many-attempts', { retryAfterSeconds: 90 }));
    const response = await request(app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(429);
    expect(response.headers['retry-after']).toBe('90');
    expect(response.body).toMatchObject({ retryAfterSeconds: 90 });
  });

  it.each<[Dependency, string]>([
    ['event-store', 'event-store-unavailable'],
    ['session-store', 'session-store-unavailable'],
    ['database', 'database-unavailable'],
    ['password-hashing', 'password-hashing-busy'],
    ['mail', 'mail-unavailable'],
    ['read-model', 'read-model-behind'],
  ])('of an outage of the %s is a 503 %s', async (what, code) => {
    const { app } = failing(new Unavailable(what, { retryAfterSeconds: 7, cause: new Error('ECONNREFUSED 10.0.0.1') }));
    const response = await request(app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('7');
    expect(response.body).toMatchObject({ type: `urn:problem:${code}`, status: 503 });
    expect(response.text).not.toContain('ECONNREFUSED');
  });

  it('of a lost race is a conflict', async () => {
    const response = await request(failing(new WrongExpectedRevision()).app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ type: 'urn:problem:conflict' });
  });

  it('of ours says nothing about its cause, which is in the log', async () => {
    const { app, logged } = failing(new TypeError('relation "users" does not exist'));
    const response = await request(app).post('/v1/logins').send(credentials);
    expect(response.status).toBe(500);
    expect(response.body).toEqual({
      type: 'urn:problem:internal-error',
      status: 500,
      title: 'Something went wrong on our side',
      requestId: response.headers['x-request-id'],
    });
    expect(logged).toMatchObject([
      { level: 50, requestId: response.headers['x-request-id'], fault: { message: 'relation "users" does not exist' } },
    ]);
  });
});

describe('a path', () => {
  it('that is not there is a 404 problem', async () => {
    const response = await request(fakeService().app).get('/v1/nothing');
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ type: 'urn:problem:not-found', status: 404 });
  });

  it('takes its methods only, and names them', async () => {
    const response = await request(fakeService().app).put('/v1/session').set(bearer);
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe('GET, HEAD, DELETE, OPTIONS');
    expect(response.body).toMatchObject({ type: 'urn:problem:method-not-allowed' });
    const options = await request(fakeService().app).options('/v1/session');
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, DELETE, OPTIONS']);
  });

  it.each(['not-a-uuid', '..%2f..', '%00', "1'--"])('with %s for an id names nothing', async (part) => {
    const response = await request(fakeService().app).get(`/v1/logins/${part}`).set(ofLogin);
    expect(response.status).toBe(404);
  });

  it('that cannot be decoded is refused', async () => {
    const response = await request(fakeService().app).get('/v1/logins/%E0%A4%A').set(ofLogin);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ type: 'urn:problem:invalid-request' });
  });

  it('takes no query that it does not know', async () => {
    const response = await request(fakeService().app).get('/v1/session?verbose=1').set(bearer);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ errors: [{ pointer: '/query/verbose', detail: 'is not known here' }] });
  });
});

describe('every answer', () => {
  it('has a request id of ours, and keeps the correlation id of the caller', async () => {
    const resendVerification = recording((_request: unknown, _context: Context) => Promise.resolve({ position: 1n }));
    const { app } = fakeService({ useCases: { resendVerification } });
    const post = (correlation: string) =>
      request(app)
        .post('/v1/registrations/resend')
        .set({ 'X-Correlation-Id': correlation, 'X-Request-Id': 'mine' })
        .send({ email: 'ada@example.com' });
    const kept = await post('order-42.a:b_c');
    const odd = await post('a b');
    const long = await post('a'.repeat(65));
    for (const response of [kept, odd, long]) expect(response.headers['x-request-id']).toMatch(uuid);
    const requestIds = [kept, odd, long].map((response) => response.headers['x-request-id'] as string);
    expect(resendVerification.calls.map(([, context]) => context)).toMatchObject([
      { requestId: requestIds[0], correlationId: 'order-42.a:b_c', causationId: requestIds[0] },
      { requestId: requestIds[1], correlationId: requestIds[1] },
      { requestId: requestIds[2], correlationId: requestIds[2] },
    ]);
  });

  it('keeps browsers from doing anything with it', async () => {
    const { headers } = await request(fakeService().app).get('/v1/session').set(bearer);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('asks for https only where the service is on https', async () => {
    const hsts = async (publicUrl: string) =>
      (await request(fakeService({ publicUrl }).app).get('/livez')).headers['strict-transport-security'] as unknown;
    expect(await hsts('https://auth.example.com')).toBe('max-age=31536000');
    expect(await hsts('http://localhost:8080')).toBeUndefined();
  });

  it('is counted under the pattern of its path', async () => {
    const { app, observed } = fakeService();
    await request(app).get(`/v1/logins/${loginId}`).set(ofLogin);
    await request(app).get('/v1/nothing');
    await request(app).put('/v1/session');
    expect(observed).toMatchObject([
      { method: 'GET', route: '/v1/logins/:loginId', status: 200 },
      { method: 'GET', route: 'unmatched', status: 404 },
      { method: 'PUT', route: '/v1/session', status: 405 },
    ]);
    for (const { seconds } of observed) expect(seconds).toBeGreaterThan(0);
  });

  it('to a command says at which position its events are', async () => {
    const response = await request(fakeService().app)
      .post('/v1/registrations/verify')
      .send({ token: 'a-token-that-the-fake-takes' });
    expect(response.headers['event-position']).toMatch(/^\d+$/);
  });
});
