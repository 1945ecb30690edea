import request, { type Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import {
  bearer,
  cookies,
  csrfToken,
  fakeService,
  id,
  loginToken,
  ofLogin,
  recording,
  roleId,
  teamId,
  userId,
} from './fake-service.ts';
import { teamOf } from './fake-teams.ts';

const memberId = id(51);
const other = id(52);
const changed = { position: 5n };

/** What `any` would hide. */
const said = ({ status, body, headers }: Response) => ({
  status,
  body: body as Record<string, unknown>,
  headers: headers as Record<string, string>,
});

describe('making a team', () => {
  const service = () => {
    const createTeam = recording(() => Promise.resolve({ teamId, position: 61n }));
    const createTeamInLogin = recording(() => Promise.resolve({ teamId, position: 62n }));
    return { createTeam, createTeamInLogin, ...fakeService({ useCases: { createTeam, createTeamInLogin } }) };
  };

  it('is for whoever has a session, and answers with its id', async () => {
    const { app, createTeam } = service();
    const { status, body, headers } = said(
      await request(app).post('/v1/teams').set(bearer).send({ name: '  Bridge  Works ' }),
    );
    expect([status, body, headers['event-position']]).toEqual([201, { teamId }, '61']);
    expect(createTeam.calls.map(([given]: unknown[]) => given)).toEqual([{ userId, name: 'Bridge  Works' }]);
  });

  it('is for whoever is in the middle of a login', async () => {
    const { app, createTeam, createTeamInLogin } = service();
    const { status, headers } = await request(app).post('/v1/teams').set(ofLogin).send({ name: 'Bridges' });
    expect([status, headers['event-position']]).toEqual([201, '62']);
    expect(createTeam.calls).toEqual([]);
    expect(createTeamInLogin.calls.map(([given]: unknown[]) => given)).toEqual([{ loginToken, name: 'Bridges' }]);
  });

  it('is for nobody else: other tokens are not login tokens, and cookies need their proof', async () => {
    const { app, createTeam, createTeamInLogin } = service();
    const post = () => request(app).post('/v1/teams').send({ name: 'Bridges' });
    expect((await post()).status).toBe(401);
    const refresh = await post().set('Authorization', `Bearer refresh~${userId}~${id(1)}~0`);
    expect([refresh.status, said(refresh).body['type']]).toEqual([401, 'urn:problem:session-required']);
    expect((await post().set(cookies)).status).toBe(403);
    expect([...createTeam.calls, ...createTeamInLogin.calls]).toEqual([]);
    expect((await post().set(cookies).set('X-CSRF-Token', csrfToken)).status).toBe(201);
  });

  it('is done once for one idempotency key, with either token', async () => {
    for (const how of [bearer, ofLogin]) {
      const { app, createTeam, createTeamInLogin } = service();
      const post = () => request(app).post('/v1/teams').set(how).set('Idempotency-Key', 'k').send({ name: 'Bridges' });
      expect([(await post()).status, (await post()).status]).toEqual([201, 201]);
      expect(createTeam.calls.length + createTeamInLogin.calls.length).toBe(1);
    }
  });
});

describe('what a member sees of a team', () => {
  it('is its name, their role and its idle timeout', async () => {
    const { body } = said(await request(fakeService().app).get(`/v1/teams/${teamId}`).set(bearer));
    expect(body).toEqual({ teamId, name: 'Acme', role: { roleId, name: 'Owner' }, idleTimeoutSeconds: 900 });
  });

  it('is which teams are theirs', async () => {
    const { body } = said(await request(fakeService().app).get('/v1/teams').set(bearer));
    expect(body).toEqual({ items: [{ teamId, name: 'Acme', role: 'Owner' }] });
  });

  it('is who is in it, for holders of team.view', async () => {
    const path = `/v1/teams/${teamId}/members`;
    const requirePermission = recording(() => Promise.resolve(teamOf()));
    const all = await request(fakeService({ useCases: { requirePermission } }).app)
      .get(path)
      .set(bearer);
    expect(all.body).toMatchObject({
      items: [
        { userId, name: 'Ada', email: 'ada@example.com', role: { roleId, name: 'Owner' } },
        { userId: memberId, name: null, email: null },
      ],
      nextCursor: 'NDI',
    });
    expect(requirePermission.calls).toEqual([[{ teamId, userId, permission: 'team.view' }]]);
  });

  it('is its roles, as they were granted', async () => {
    const role = { roleId, name: 'Deployer', kind: 'custom', grants: ['env.*', 'site.create'] } as const;
    const requirePermission = recording(() => Promise.resolve(teamOf(role)));
    const { body } = said(
      await request(fakeService({ useCases: { requirePermission } }).app)
        .get(`/v1/teams/${teamId}/roles`)
        .set(bearer),
    );
    expect(body).toEqual({
      items: [{ roleId, name: 'Deployer', kind: 'custom', permissions: ['env.*', 'site.create'] }],
    });
    expect(requirePermission.calls).toEqual([[{ teamId, userId, permission: 'team.view' }]]);
  });

  it('is nothing where they are no member: no read model is asked', async () => {
    const refused = () => Promise.reject(new DomainError('team-not-found'));
    const members = recording(() => Promise.reject(new Error('asked')));
    const useCases = { requireMember: refused, requirePermission: refused };
    const { app } = fakeService({ useCases, queries: { members } });
    for (const path of ['', '/members', '/roles']) {
      const { status, body } = said(await request(app).get(`/v1/teams/${teamId}${path}`).set(bearer));
      expect([status, body['type']]).toEqual([404, 'urn:problem:team-not-found']);
    }
    expect(members.calls).toEqual([]);
  });
});

describe('a command about a team', () => {
  it.each([
    ['patch', '', { name: 'Bridges' }, 'renameTeam', { name: 'Bridges' }],
    ['delete', '', undefined, 'closeTeam', {}],
    ['put', '/session-policy', { idleTimeoutSeconds: 300 }, 'setSessionPolicy', { idleTimeoutSeconds: 300 }],
    ['patch', `/members/${memberId}`, { roleId }, 'changeMember', { memberId, roleId }],
    ['delete', `/members/${memberId}`, undefined, 'removeMember', { memberId }],
    ['post', '/leave', undefined, 'leaveTeam', {}],
    ['post', '/ownership', { userId: memberId }, 'transferOwnership', { toUserId: memberId }],
    ['patch', `/roles/${roleId}`, { permissions: ['*'] }, 'changeRole', { roleId, permissions: ['*'] }],
    ['delete', `/roles/${roleId}?reassignTo=${other}`, undefined, 'retireRole', { roleId, reassignTo: other }],
    ['delete', `/roles/${roleId}`, undefined, 'retireRole', { roleId, reassignTo: undefined }],
  ] as const)('%s %s is carried out as the caller', async (method, path, body, name, expected) => {
    const useCase = recording(() => Promise.resolve(changed));
    const { app } = fakeService({ useCases: { [name]: useCase } });
    const { status, headers } = await request(app)[method](`/v1/teams/${teamId}${path}`).set(bearer).send(body);
    expect([status, headers['event-position']]).toEqual([204, '5']);
    expect(useCase.calls.map(([given]: unknown[]) => given)).toEqual([{ teamId, userId, ...expected }]);
  });

  it('adds a role, and says which', async () => {
    const { status, body } = said(
      await request(fakeService().app)
        .post(`/v1/teams/${teamId}/roles`)
        .set(bearer)
        .send({ name: 'Deployer', permissions: ['env.*'] }),
    );
    expect([status, body]).toEqual([201, { roleId: id(50) }]);
  });

  it.each([
    ['put', '/session-policy', { idleTimeoutSeconds: 299 }],
    ['put', '/session-policy', { idleTimeoutSeconds: 86_401 }],
    ['put', '/session-policy', { idleTimeoutSeconds: 600.5 }],
    ['patch', '', { name: ' ' }],
    ['patch', '', { name: 'Bridges', platform: true }],
    ['post', '/roles', { name: 'x'.repeat(61), permissions: [] }],
    ['post', '/roles', { name: 'Deployer', permissions: ['ENV'] }],
    ['post', '/roles', { name: 'Deployer', permissions: ['env.*.more'] }],
    ['patch', `/members/${memberId}`, { roleId: 'owner' }],
    ['post', '/leave', { userId: memberId }],
    ['delete', `/roles/${roleId}?reassignTo=owner`, undefined],
  ] as const)('%s %s with %j is refused for its shape', async (method, path, body) => {
    const sent = request(fakeService().app)[method](`/v1/teams/${teamId}${path}`);
    const { status, body: problem } = said(await sent.set(bearer).send(body));
    expect([status, problem['type']]).toEqual([400, 'urn:problem:invalid-request']);
  });

  it('is not for login tokens', async () => {
    const { status } = await request(fakeService().app).post(`/v1/teams/${teamId}/leave`).set(ofLogin);
    expect(status).toBe(401);
  });
});
