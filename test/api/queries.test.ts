import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { InvalidCursor } from '../../src/projections/cursor.ts';
import {
  at,
  bearer,
  cookies,
  csrfToken,
  deviceId,
  fakeService,
  id,
  recording,
  roleId,
  sessionId,
  teamId,
  userId,
} from './fake-service.ts';

const get = (path: string, changes: Parameters<typeof fakeService>[0] = {}) =>
  request(fakeService(changes).app).get(path).set(bearer);
const emptyPage = { items: [] };

describe('who am I', () => {
  const me = {
    user: { userId, name: 'Ada', email: 'ada@example.com' },
    team: { teamId, name: 'Acme' },
    role: { roleId, name: 'Owner' },
    permissions: ['site.create'],
    limits: { idleTimeoutSeconds: 3600, maxSessions: 3 },
    session: {
      sessionId,
      userId,
      teamId,
      deviceId,
      startedAt: at,
      expiresAt: '2026-01-09T03:04:05.678Z',
      idleTimeoutSeconds: 3600,
    },
  };

  it('is user, team, role, permissions and session', async () => {
    expect((await get('/v1/session')).body).toEqual(me);
  });

  it('gives a page that was loaded again its CSRF token', async () => {
    const response = await request(fakeService().app).get('/v1/session').set(cookies);
    expect(response.body).toEqual({ ...me, csrfToken });
  });

  it('is not answered from a read model that does not know the person yet', async () => {
    const response = await get('/v1/session', { queries: { callerProfile: () => Promise.resolve(undefined) } });
    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({ type: 'urn:problem:read-model-behind' });
  });

  it('is a 404 for a team that one is no member of', async () => {
    const response = await get('/v1/session', { useCases: { accessOf: () => Promise.resolve(undefined) } });
    expect(response.body).toMatchObject({ type: 'urn:problem:team-not-found', status: 404 });
  });
});

describe('own history', () => {
  it('lists sessions with the one that asks and the devices they are on', async () => {
    expect((await get('/v1/sessions')).body).toMatchObject({
      items: [
        { sessionId, deviceId, deviceName: 'Firefox on Linux', current: true },
        { sessionId: id(33), deviceId: id(44), deviceName: null, current: false },
      ],
    });
  });

  it('lists devices with the one that asks', async () => {
    expect((await get('/v1/devices')).body).toMatchObject({
      items: [
        { deviceId, name: 'Firefox on Linux', place: 'Berlin, DE', current: true },
        { deviceId: id(45), name: null, place: null, current: false },
      ],
    });
  });

  it('lists attempts to log in, a page at a time', async () => {
    const loginActivity = recording((_user: string, _page: unknown) => Promise.resolve(emptyPage));
    await get('/v1/login-activity?limit=7&cursor=NDI', { queries: { loginActivity } });
    await get('/v1/login-activity', { queries: { loginActivity } });
    expect(loginActivity.calls).toEqual([
      [userId, { limit: 7, cursor: 'NDI' }],
      [userId, { limit: 50 }],
    ]);
    expect((await get('/v1/login-activity')).body).toMatchObject({
      items: [{ outcome: 'completed', ip: '203.0.113.7' }],
      nextCursor: 'NDI',
    });
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=1.5',
    'limit=',
    'limit=all',
    'limit=1&limit=2',
    'cursor=',
    'cursor=%00',
    'page=2',
  ])('takes no page of %s', async (query) => {
    const response = await get(`/v1/login-activity?${query}`);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ errors: [{ pointer: `/query/${query.split('=')[0] ?? ''}` }] });
  });

  it('refuses a cursor that no answer gave', async () => {
    const loginActivity = () => Promise.reject(new InvalidCursor('not a cursor'));
    const response = await get('/v1/login-activity?cursor=abc', { queries: { loginActivity } });
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ errors: [{ pointer: '/query/cursor' }] });
  });
});

describe('the audit', () => {
  const refusing = { requirePermission: () => Promise.reject(refused) };
  const refused = new DomainError('permission-missing', { permission: 'events.read' });

  it('shows the team and oneself, as filtered', async () => {
    const auditEvents = recording((_filter: unknown, _page: unknown, _visibleTo: unknown) =>
      Promise.resolve(emptyPage),
    );
    const path = `/v1/audit/events?team=${teamId}&actor=${userId}&subject=${userId}&type=SessionStarted&session=${sessionId}&device=${deviceId}&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00%2B01:00&limit=200`;
    expect((await get(path, { queries: { auditEvents } })).status).toBe(200);
    expect(auditEvents.calls).toEqual([
      [
        {
          team: teamId,
          actor: userId,
          subject: userId,
          type: ['SessionStarted'],
          session: sessionId,
          device: deviceId,
          from: new Date('2026-01-01T00:00:00Z'),
          to: new Date('2026-01-31T23:00:00Z'),
        },
        { limit: 200 },
        { teamIds: [teamId], userId },
      ],
    ]);
  });

  it('answers entries with everything that is known of an event', async () => {
    const response = await get('/v1/audit/events');
    expect(response.body).toMatchObject({
      items: [{ eventId: id(9), position: '42', actor: { kind: 'user', userId }, data: { remember: true } }],
      nextCursor: 'NDI',
    });
  });

  it.each(['/v1/audit/events', `/v1/audit/streams/user-${userId}`])(
    '%s needs a permission, and names it',
    async (path) => {
      const response = await get(path, { useCases: refusing });
      expect(response.status).toBe(403);
      expect(response.body).toMatchObject({ type: 'urn:problem:permission-missing', permission: 'events.read' });
    },
  );

  it('answers nothing where the reading cannot be recorded', async () => {
    const recordAuditRead = () => Promise.reject(new Unavailable('event-store'));
    for (const path of ['/v1/audit/events', `/v1/audit/streams/user-${userId}`, `/v1/audit/events/${id(9)}`]) {
      const response = await get(path, { useCases: { recordAuditRead } });
      expect(response.body).toMatchObject({ status: 503, type: 'urn:problem:event-store-unavailable' });
    }
  });

  it('of another team is not there', async () => {
    const response = await get(`/v1/audit/events?team=${id(77)}`);
    expect(response.body).toMatchObject({ type: 'urn:problem:not-found', status: 404 });
  });

  it('shows the history of one stream from its beginning', async () => {
    const auditStream = recording((_name: string, _page: unknown, _visibleTo: unknown) => Promise.resolve(emptyPage));
    const response = await get(`/v1/audit/streams/sessions-${userId}?limit=3`, { queries: { auditStream } });
    expect(auditStream.calls).toEqual([
      [`sessions-${userId}`, { limit: 3, order: 'oldest-first' }, { teamIds: [teamId], userId }],
    ]);
    expect(response.status).toBe(404);
    expect((await get(`/v1/audit/streams/sessions-${userId}`)).status).toBe(200);
  });

  it.each(['from=yesterday', 'team=acme', 'type=Session-Started', 'type=%27%20or%201=1', 'actor=1', 'nobody=1'])(
    'takes no filter of %s',
    async (query) => {
      expect((await get(`/v1/audit/events?${query}`)).status).toBe(400);
    },
  );

  it('takes no stream of a strange name', async () => {
    expect((await get('/v1/audit/streams/$all')).status).toBe(404);
    expect((await get(`/v1/audit/streams/user-${'a'.repeat(141)}`)).status).toBe(404);
  });
});

describe('operation', () => {
  it('answers whether the process runs', async () => {
    const response = await request(fakeService().app).get('/livez');
    expect([response.status, response.body]).toEqual([200, { status: 'alive' }]);
  });

  it('answers whether it is ready, with the same body when it is not', async () => {
    const ready = await request(fakeService().app).get('/readyz');
    expect([ready.status, ready.body]).toEqual([
      200,
      {
        status: 'ready',
        dependencies: { 'session-store': { status: 'up', circuit: 'closed' } },
        projections: [{ name: 'users', version: 1, status: 'live', position: '42', lag: '0', parked: 0 }],
      },
    ]);
    const readiness = () =>
      Promise.resolve({ ready: false, dependencies: { database: { status: 'down' } }, projections: [] });
    const away = await request(fakeService({ readiness }).app).get('/readyz');
    expect([away.status, away.body]).toEqual([
      503,
      { status: 'not-ready', dependencies: { database: { status: 'down' } }, projections: [] },
    ]);
  });

  it('gives metrics as text', async () => {
    const response = await request(fakeService().app).get('/metrics');
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.text).toBe('mbauth_up 1\n');
  });

  it('publishes keys that may be kept for five minutes', async () => {
    const response = await request(fakeService().app).get('/.well-known/jwks.json');
    expect(response.headers['cache-control']).toBe('public, max-age=300');
    expect(response.body).toEqual({ keys: [{ kty: 'OKP', kid: 'one' }] });
  });

  it('lists the permissions', async () => {
    expect((await get('/v1/permissions')).body).toEqual({
      items: [{ permission: 'site.create', description: 'Create sites' }],
    });
  });
});
