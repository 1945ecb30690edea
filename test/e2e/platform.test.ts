import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, problemOf } from './inviting.ts';
import {
  call,
  eventually,
  logIn,
  mailTo,
  newPerson,
  password,
  startLogin,
  tokenIn,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { expectProblem } from './steps.ts';

const root = 'root@example.com';
const victim = 'victim@example.com';
const reviewer = 'reviewer@example.com';

let stack: Stack;
let admin: Client;
let adminGrant: Grant;
let person: Client;
let personGrant: Grant;

beforeAll(async () => {
  stack = await startStack({ env: { BOOTSTRAP_ADMIN_EMAIL: root } });
  admin = stack.client();
  person = stack.client();
  const token = tokenIn(await mailTo(admin, root, 'invitation'));
  const preview = await call(admin, 'GET', `/v1/invitations/${token}`);
  expect(preview.body).toMatchObject({
    team: { name: 'Platform' },
    role: { name: 'Owner' },
    inviter: { name: 'MBPanel' },
  });
  expect((await accept(admin, token, { name: 'Root Admin', password })).status).toBe(200);
  adminGrant = await logIn(admin, root);
  await newPerson(person, victim);
  personGrant = await logIn(person, victim);
});
afterAll(() => stack.stop());

const as = (method: string, path: string, grant = adminGrant, body?: object) =>
  call(admin, method, path, { bearer: grant.accessToken, ...(body && { body }) });
const onVictim = (action: string) => as('POST', `/v1/users/${personGrant.session.userId}/${action}`);
const loginOfVictim = (given = password) => startLogin(person, victim, { password: given });
const whoIsVictim = () => call(person, 'GET', '/v1/session', { bearer: personGrant.accessToken });

describe('the first administrator', () => {
  it('has the rights over the platform, and finds people by their address', async () => {
    const { body } = await as('GET', '/v1/session');
    expect(body['team']).toMatchObject({ name: 'Platform' });
    expect(body['permissions']).toContain('system.admin');
    const found = await eventually(async () => {
      const answer = await as('GET', `/v1/users?email=${encodeURIComponent(victim.toUpperCase())}`);
      expect(answer.body['items']).toHaveLength(1);
      return answer;
    });
    expect(found.body['items']).toMatchObject([
      { userId: personGrant.session.userId, email: victim, status: 'active' },
    ]);
    const shown = await as('GET', `/v1/users/${personGrant.session.userId}`);
    expect(shown.body['teams']).toMatchObject([{ teamId: personGrant.session.teamId, role: 'Owner' }]);
    expect((await as('GET', '/v1/users?email=nobody@example.com')).body['items']).toEqual([]);
    expectProblem(await as('GET', `/v1/users/${adminGrant.session.teamId}`), 404, 'not-found');
  });

  it('sees sessions, devices and logins of a person', async () => {
    const of = (what: string) => as('GET', `/v1/users/${personGrant.session.userId}/${what}`);
    const { sessionId } = personGrant.session;
    await eventually(async () => {
      expect((await of('sessions')).body['items']).toMatchObject([{ sessionId, current: false }]);
      expect((await of('devices')).body['items']).toHaveLength(1);
      expect((await of('login-activity')).body['items']).toMatchObject([{ outcome: 'completed', sessionId }]);
    });
  });

  it('is invited once, and not again after a restart when there is an Owner', async () => {
    await stack.restart('worker');
    await eventually(async () => {
      expect(await stack.logs()).toContain('the platform team has an Owner: BOOTSTRAP_ADMIN_EMAIL does nothing');
    });
    await expect(mailTo(admin, root, 'invitation')).resolves.toBeDefined();
    const mails = await fetch(`${stack.mailboxUrl}/messages?to=${root}`).then((answer) => answer.json());
    expect((mails as { Tag: string }[]).filter(({ Tag }) => Tag === 'invitation')).toHaveLength(1);
  });

  it('cannot be shut out', async () => {
    const path = `/v1/users/${adminGrant.session.userId}`;
    for (const action of ['lock', 'deactivate']) {
      expectProblem(await as('POST', `${path}/${action}`), 409, 'last-administrator');
    }
    const closing = await as('DELETE', `/v1/teams/${adminGrant.session.teamId}`);
    expect([closing.status, problemOf(closing)]).toEqual([409, 'platform-team-cannot-close']);
  });
});

describe('everybody else', () => {
  it('gets 403 on every path, an Owner of another team too', async () => {
    const { userId } = adminGrant.session;
    const reads = [
      '/v1/users',
      ...['', '/sessions', '/devices', '/login-activity'].map((end) => `/v1/users/${userId}${end}`),
    ];
    const writes = ['lock', 'unlock', 'deactivate', 'reactivate', 'force-password-change'];
    const answers = [
      ...(await Promise.all(reads.map((path) => as('GET', path, personGrant)))),
      ...(await Promise.all(writes.map((action) => as('POST', `/v1/users/${userId}/${action}`, personGrant)))),
    ];
    for (const answer of answers) {
      expectProblem(answer, 403, 'permission-missing');
      expect(answer.body['permission']).toBe('system.admin');
    }
    expect((await as('GET', '/v1/session')).status).toBe(200);
  });
});

describe('an account', () => {
  it('that is locked refuses its next request, and answers like a wrong password', async () => {
    expect((await onVictim('lock')).status).toBe(204);
    expectProblem(await whoIsVictim(), 401, 'session-revoked');
    const refused = await call(person, 'POST', '/v1/sessions/refresh', {
      body: { refreshToken: personGrant.refreshToken },
    });
    expectProblem(refused, 401, 'session-revoked');
    const withoutId = ({ body: { requestId: _requestId, ...rest } }: Answer) => rest;
    const right = withoutId(await loginOfVictim());
    expect(right).toEqual(withoutId(await loginOfVictim('not the one it is at all')));
    expect(right['type']).toBe('urn:problem:invalid-credentials');
    await mailTo(person, victim, 'locked-by-administrator');
  });

  it('that is unlocked can be logged in to again', async () => {
    expect((await onVictim('unlock')).status).toBe(204);
    personGrant = await logIn(person, victim);
    expect((await whoIsVictim()).status).toBe(200);
  });

  it('that is deactivated says so to whoever has the password, until it is active again', async () => {
    expect((await onVictim('deactivate')).status).toBe(204);
    expectProblem(await whoIsVictim(), 401, 'session-revoked');
    expectProblem(await loginOfVictim(), 403, 'account-deactivated');
    expectProblem(await loginOfVictim('not the one it is at all'), 401, 'invalid-credentials');
    await mailTo(person, victim, 'account-deactivated');
    expect((await onVictim('reactivate')).status).toBe(204);
    await mailTo(person, victim, 'account-reactivated');
    personGrant = await logIn(person, victim);
  });

  it('has to get a new password where that is demanded, and a trusted device may choose it at once', async () => {
    expect((await onVictim('force-password-change')).status).toBe(204);
    expectProblem(await whoIsVictim(), 401, 'session-revoked');
    const refused = await loginOfVictim();
    expectProblem(refused, 403, 'password-change-required');
    const chosen = 'seven lamps beside the harbour';
    const body = { token: refused.body['changeToken'], password: chosen };
    expect((await call(person, 'POST', '/v1/password/reset', { body })).status).toBe(204);
    expectProblem(await loginOfVictim(), 401, 'invalid-credentials');
    personGrant = await logIn(person, victim, { password: chosen });
    await mailTo(person, victim, 'password-change-forced');
  });

  it('can have any session of it ended', async () => {
    await eventually(async () => {
      const ended = await as('DELETE', `/v1/sessions/${personGrant.session.sessionId}`);
      expect(ended.status).toBe(204);
    });
    expectProblem(await whoIsVictim(), 401, 'session-revoked');
  });
});

describe('a Compliance reviewer', () => {
  it('reads the history of everybody, and changes nothing', async () => {
    const { teamId } = adminGrant.session;
    const roles = await as('GET', `/v1/teams/${teamId}/roles`);
    const items = roles.body['items'] as { roleId: string; name: string }[];
    const roleId = items.find(({ name }) => name === 'Compliance reviewer')?.roleId;
    const invited = await as('POST', `/v1/teams/${teamId}/invitations`, adminGrant, { email: reviewer, roleId });
    expect(invited.status, JSON.stringify(invited.body)).toBe(201);
    const client = stack.client();
    expect((await accept(client, tokenIn(await mailTo(client, reviewer, 'invitation')))).status).toBe(200);
    const grant = await logIn(client, reviewer);
    const { userId, teamId: theirTeam } = personGrant.session;

    await eventually(async () => {
      const locked = await as('GET', `/v1/audit/events?subject=${userId}&type=UserLocked`, grant);
      expect(locked.body['items']).toMatchObject([
        { type: 'UserLocked', actor: { kind: 'user', userId: adminGrant.session.userId }, subject: userId },
      ]);
    });
    const ofTeam = await as('GET', `/v1/audit/events?team=${theirTeam}&type=TeamCreated`, grant);
    expect(ofTeam.body['items']).toHaveLength(1);

    const refused = [
      await as('POST', `/v1/users/${userId}/lock`, grant),
      await as('GET', '/v1/users', grant),
      await as('POST', `/v1/teams/${teamId}/invitations`, grant, { email: victim, roleId }),
      await as('PATCH', `/v1/teams/${teamId}`, grant, { name: 'Mine' }),
      await as('DELETE', `/v1/sessions/${adminGrant.session.sessionId}`, grant),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expectProblem(await as('GET', `/v1/teams/${theirTeam}`, grant), 404, 'team-not-found');
  });
});
