import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { pathWithoutSecrets } from '../../src/api/request-log.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import {
  bearer,
  cookies,
  csrfToken,
  fakeService,
  loginId,
  ofLogin,
  sessionId,
  teamId,
  userId,
} from './fake-service.ts';

const secret = (what: string) => `secret-${what}-${'x'.repeat(20)}`;

describe('the log', () => {
  it('has one line for each request, with what is needed to find it', async () => {
    const { app, logged } = fakeService();
    const response = await request(app)
      .get('/v1/session?')
      .set({ ...bearer, 'X-Correlation-Id': 'order-42' });
    expect(logged).toEqual([
      {
        level: 30,
        time: expect.any(Number) as number,
        pid: expect.any(Number) as number,
        hostname: expect.any(String) as string,
        requestId: response.headers['x-request-id'],
        correlationId: 'order-42',
        method: 'GET',
        path: '/v1/session',
        route: '/v1/session',
        status: 200,
        userId,
        sessionId,
        durationMs: expect.any(Number) as number,
        msg: 'request',
      },
    ]);
  });

  it('has faults of ours as errors, and refusals as what they are', async () => {
    const errors = [new DomainError('invalid-credentials'), new Unavailable('event-store'), new Error('broken')];
    const levels = [];
    for (const error of errors) {
      const { app, logged } = fakeService({ useCases: { startLogin: () => Promise.reject(error) } });
      await request(app).post('/v1/logins').send({ email: 'ada@example.com', password: 'a long enough one' });
      levels.push(logged.map(({ level, status }) => [level, status]));
    }
    expect(levels).toEqual([[[30, 401]], [[50, 503]], [[50, 500]]]);
  });

  it('has the causes of a fault, without what libraries hang on them', async () => {
    const cause = Object.assign(new Error('duplicate key'), {
      detail: 'Key (email)=(ada@example.com)',
      parameters: ['p'],
    });
    const fault = new Error('broken', { cause });
    const { app, logged } = fakeService({ queries: { permissions: () => Promise.reject(fault) } });
    await request(app).get('/v1/permissions').set(bearer);
    expect(logged[0]).toMatchObject({
      fault: { message: 'broken', cause: { type: 'Error', message: 'duplicate key' } },
    });
    expect(JSON.stringify(logged)).not.toContain('ada@example.com');
  });

  it('holds no secret and nothing of a person, whatever becomes of the request', async () => {
    const { app, logged } = fakeService({
      trustProxy: ['loopback'],
      useCases: { startLogin: () => Promise.reject(new Error('broken')) },
    });
    const headers = {
      Cookie: `__Host-access=${secret('access')}; __Host-device=${secret('device')}`,
      'X-Device-Token': secret('device'),
      'X-CSRF-Token': secret('csrf'),
      'Idempotency-Key': secret('key'),
      'X-Forwarded-For': '203.0.113.99',
      'User-Agent': secret('agent'),
      Referer: `https://auth.example.com/verify?token=${secret('referer')}`,
    };
    const body = { email: 'ada@example.com', password: secret('password') };
    const token = { token: secret('token') };
    await request(app).post('/v1/logins').set(headers).send(body);
    await request(app)
      .post('/v1/logins')
      .set(headers)
      .send(`{"password": "${secret('password')}`)
      .type('json');
    await request(app)
      .post('/v1/registrations')
      .set(headers)
      .send({ ...body, name: 'Ada Lovelace', teamName: 'Acme' });
    await request(app).post('/v1/registrations/verify').set(headers).send(token);
    await request(app).get('/verify').query(token).set(headers);
    await request(app).post('/verify').type('form').send(token).set(headers);
    await request(app)
      .get('/v1/session')
      .set(headers)
      .set('Authorization', `Bearer ${secret('bearer')}`);
    await request(app)
      .get(`/v1/invitations/${secret('path')}${'y'.repeat(43)}`)
      .set(headers);
    await request(app)
      .post(`/v1/logins/${loginId}/team`)
      .set({ ...headers, ...ofLogin })
      .send({ teamId });
    await request(app)
      .post('/v1/sessions/refresh')
      .set({ ...headers, ...cookies, 'X-CSRF-Token': csrfToken });
    expect(logged).toHaveLength(10);
    const text = JSON.stringify(logged);
    for (const hidden of [
      'secret-',
      'ada@example.com',
      'Ada Lovelace',
      '203.0.113.99',
      '127.0.0.1',
      'access.token',
      csrfToken,
    ]) {
      expect(text).not.toContain(hidden);
    }
  });

  it('has paths without queries and without what may be a token', () => {
    const id = '01890000-0000-7000-8000-000000000001';
    expect(pathWithoutSecrets(`/v1/logins/${id}/team?token=a#b`)).toBe(`/v1/logins/${id}/team`);
    expect(pathWithoutSecrets(`/v1/invitations/${'a'.repeat(43)}/x`)).toBe('/v1/invitations/***/x');
    expect(pathWithoutSecrets('/a?b?c\n?d')).toBe('/a');
    expect(pathWithoutSecrets('/users/ada@example.com/ada%40example.com')).toBe('/users/***/***');
  });
});
