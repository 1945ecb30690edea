import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { bearer, fakeService, loginId, ofLogin, recording } from './fake-service.ts';

const waiting = (reached: boolean) => {
  const waitForPosition = recording((_position: bigint) => Promise.resolve(reached));
  return { waitForPosition, ...fakeService({ waitForPosition }) };
};

describe('Read-After', () => {
  it.each(['/v1/session', '/v1/sessions', '/v1/devices', '/v1/login-activity', '/v1/audit/events', '/v1/permissions'])(
    'keeps %s back until the read model has the position',
    async (path) => {
      const { app, waitForPosition } = waiting(true);
      const response = await request(app).get(path).set(bearer).set('Read-After', '18446744073709551615');
      expect(response.status).toBe(200);
      expect(waitForPosition.calls).toEqual([[18446744073709551615n]]);
    },
  );

  it('is a 503 where the read model does not come that far, never an older answer', async () => {
    const { app } = waiting(false);
    const response = await request(app).get('/v1/session').set(bearer).set('Read-After', '42');
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.body).toMatchObject({ type: 'urn:problem:read-model-behind', retryAfterSeconds: 1 });
  });

  it.each(['', '-1', '0x10', '1.5', '1e3', 'abc', '18446744073709551616', '9'.repeat(21), ' 1 2'])(
    'that is no position is refused: %j',
    async (value) => {
      const { app, waitForPosition } = waiting(true);
      const response = await request(app).get('/v1/session').set(bearer).set('Read-After', value);
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ errors: [{ pointer: '/header/Read-After' }] });
      expect(waitForPosition.calls).toEqual([]);
    },
  );

  it('is not waited for by strangers', async () => {
    const { app, waitForPosition } = waiting(false);
    expect((await request(app).get('/v1/session').set('Read-After', '42')).status).toBe(401);
    expect(waitForPosition.calls).toEqual([]);
  });

  it('is for queries only', async () => {
    const { app, waitForPosition } = waiting(false);
    expect((await request(app).delete('/v1/session').set(bearer).set('Read-After', '42')).status).toBe(204);
    expect((await request(app).get(`/v1/logins/${loginId}`).set(ofLogin)).status).toBe(200);
    expect(waitForPosition.calls).toEqual([]);
  });
});
