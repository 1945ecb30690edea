import request, { type Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { bearer, fakeService, recording, sessionId, teamId, userId } from './fake-service.ts';

const other = '0192a000-0000-7000-8000-0000000000aa';
const of = (path = '') => `/v1/users/${other}${path}`;
const reads = ['/v1/users', of(), of('/sessions'), of('/devices'), of('/login-activity')];
const actions = ['lock', 'unlock', 'deactivate', 'reactivate', 'force-password-change'];
const refused = new DomainError('permission-missing', { permission: 'system.admin' });

const bodyOf = ({ body }: Response) => body as Record<string, unknown>;
const itemsOf = (response: Response) => bodyOf(response)['items'] as Record<string, unknown>[];

describe('the users of the platform', () => {
  it('are shown to administrators alone, who are asked for by person and team', async () => {
    const asked: unknown[] = [];
    const requirePlatformPermission = (asking: unknown) => {
      asked.push(asking);
      return Promise.reject(refused);
    };
    const { app } = fakeService({ useCases: { requirePlatformPermission } });
    for (const path of reads) {
      const refusal = bodyOf(await request(app).get(path).set(bearer));
      expect(refusal).toMatchObject({
        status: 403,
        type: 'urn:problem:permission-missing',
        permission: 'system.admin',
      });
    }
    expect(asked).toEqual(reads.map(() => ({ userId, teamId, permission: 'system.admin' })));
  });

  it('are found by their exact address, or listed page by page', async () => {
    const calls: unknown[] = [];
    const users = (...given: unknown[]) => {
      calls.push(given);
      return Promise.resolve({ items: [], nextCursor: 'NDI' });
    };
    const { app } = fakeService({ queries: { users } });
    const found = await request(app).get('/v1/users').query({ email: 'Ada@example.com' }).set(bearer);
    expect([found.status, found.body]).toEqual([200, { items: [], nextCursor: 'NDI' }]);
    await request(app).get('/v1/users').query({ cursor: 'NDI', limit: 3 }).set(bearer);
    expect(calls).toEqual([
      [{ email: 'Ada@example.com' }, { limit: 50 }],
      [{}, { cursor: 'NDI', limit: 3 }],
    ]);
    expect((await request(app).get('/v1/users').query({ email: 'Ada' }).set(bearer)).status).toBe(400);
    expect((await request(app).get('/v1/users').query({ name: 'Ada' }).set(bearer)).status).toBe(400);
  });

  it('are shown with their state and teams', async () => {
    const body = bodyOf(await request(fakeService().app).get(of()).set(bearer));
    expect(body).toMatchObject({ status: 'active', lockedAt: null, deactivatedAt: null });
    expect(body['teams']).toEqual([expect.objectContaining({ teamId, name: 'Acme', role: 'Owner' })]);
  });

  it('who do not exist are a 404 on every path', async () => {
    const { app } = fakeService({ queries: { userProfile: () => Promise.resolve(undefined) } });
    for (const path of reads.slice(1)) expect((await request(app).get(path).set(bearer)).status).toBe(404);
    expect((await request(app).get('/v1/users/nobody').set(bearer)).status).toBe(404);
  });

  it('have sessions and devices, of which the own is the current one', async () => {
    const { app } = fakeService();
    const get = (path: string) => request(app).get(of(path)).set(bearer);
    expect(itemsOf(await get('/sessions'))[0]).toMatchObject({ sessionId, current: true });
    expect(itemsOf(await get('/devices')).length).toBeGreaterThan(0);
    expect(bodyOf(await get('/login-activity?limit=1'))['nextCursor']).toBe('NDI');
  });
});

describe('an account', () => {
  const useCaseOf: Record<string, string> = {
    lock: 'lockUser',
    unlock: 'unlockUser',
    deactivate: 'deactivateUser',
    reactivate: 'reactivateUser',
    'force-password-change': 'demandPasswordChange',
  };

  it.each(actions)('is administered by %s, in the name of who asks', async (action) => {
    const administer = recording((_request: object) => Promise.resolve({ position: 90n }));
    const { app } = fakeService({ useCases: { [useCaseOf[action] ?? '']: administer } });
    const answer = await request(app)
      .post(of(`/${action}`))
      .set(bearer);
    expect([answer.status, answer.headers['event-position']]).toEqual([204, '90']);
    expect(administer.calls[0]?.[0]).toEqual({ administrator: { userId, teamId }, userId: other });
  });

  it.each([
    ['permission-missing', 403],
    ['last-administrator', 409],
    ['not-found', 404],
  ] as const)('stays as it is: %s', async (code, status) => {
    const lockUser = () => Promise.reject(new DomainError(code));
    const answer = await request(fakeService({ useCases: { lockUser } }).app)
      .post(of('/lock'))
      .set(bearer);
    expect([answer.status, bodyOf(answer)['type']]).toEqual([status, `urn:problem:${code}`]);
  });

  it('is administered with no body', async () => {
    const answer = await request(fakeService().app).post(of('/lock')).set(bearer).send({ reason: 'none' });
    expect(answer.status).toBe(400);
  });
});
