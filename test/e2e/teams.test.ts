import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, problemOf } from './inviting.ts';
import { call, codeIn, eventually, mailTo, startLogin, type Answer, type Grant } from './journey.ts';
import { positionIn, refresh, whoAmI } from './steps.ts';
import { comparable, startTeaming, switchTo, untilIn, type Colleague, type Teaming } from './teaming.ts';

let teaming: Teaming;
let ada: Colleague;
let bob: Colleague;
let team: string;
let ask: Teaming['ask'];

beforeAll(async () => {
  teaming = await startTeaming();
  ({ ada, ask } = teaming);
  team = `/v1/teams/${teaming.teamId}`;
  bob = await teaming.colleague();
  await teaming.takeIn(bob);
});
afterAll(() => teaming.stop());

const done = (answer: Answer, status = 204) => {
  expect([answer.status, problemOf(answer)]).toEqual([status, 'undefined']);
  return answer;
};
const refused = (answer: Answer) => [answer.status, problemOf(answer)];

async function rolesOf(teamPath: string, who: Colleague): Promise<Record<string, string>> {
  const { body } = done(await ask(who, 'GET', `${teamPath}/roles`), 200);
  return Object.fromEntries(
    (body['items'] as { name: string; roleId: string }[]).map((role) => [role.name, role.roleId]),
  );
}

async function membersOf(teamPath: string, who: Colleague, after?: Answer): Promise<Map<string, string>> {
  const headers: Record<string, string> = after === undefined ? {} : { 'read-after': positionIn(after) };
  const bearer = who.grant.accessToken;
  const { body } = done(await call(who.client, 'GET', `${teamPath}/members`, { bearer, headers }), 200);
  const items = body['items'] as { userId: string; role: { name: string } }[];
  return new Map(items.map(({ userId, role }) => [userId, role.name]));
}

describe('two people in two teams', () => {
  it('see the teams that they are in, and who else is', async () => {
    const own = bob.grant.session.teamId;
    const { body } = done(await ask(bob, 'GET', '/v1/teams'), 200);
    expect(body['items']).toEqual([
      { teamId: own, name: 'Bridge Works', role: 'Owner' },
      { teamId: teaming.teamId, name: 'Bridge Works', role: 'Developer' },
    ]);
    const shown = done(await ask(bob, 'GET', team), 200);
    expect(shown.body).toMatchObject({ teamId: teaming.teamId, role: { name: 'Developer' }, idleTimeoutSeconds: null });
    const page = done(await ask(bob, 'GET', `${team}/members?limit=1`), 200);
    expect(page.body['items']).toMatchObject([{ userId: ada.userId, email: ada.email, role: { name: 'Owner' } }]);
    const next = done(await ask(bob, 'GET', `${team}/members?cursor=${String(page.body['nextCursor'])}`), 200);
    expect(next.body).toMatchObject({ items: [{ userId: bob.userId, email: bob.email }] });
  });

  it('manage the team as far as their role goes, on every path', async () => {
    const renamed = done(await ask(ada, 'PATCH', team, { name: 'Bridges & Sons' }));
    expect((await ask(bob, 'GET', team)).body['name']).toBe('Bridges & Sons');
    expect(positionIn(renamed)).toMatch(/^\d+$/);
    const roles = await rolesOf(team, bob);
    const permissions = ['team.view', 'env.*'];
    const added = done(await ask(ada, 'POST', `${team}/roles`, { name: 'Deployer', permissions }), 201);
    const deployer = String(added.body['roleId']);
    const given = done(await ask(ada, 'PATCH', `${team}/members/${bob.userId}`, { roleId: deployer }));
    expect((await membersOf(team, ada, given)).get(bob.userId)).toBe('Deployer');
    done(await ask(ada, 'PATCH', `${team}/roles/${deployer}`, { name: 'Shipper', permissions: ['env.deploy'] }));

    expect((await ask(bob, 'PATCH', team, { name: 'Mine' })).body).toMatchObject({
      status: 403,
      permission: 'team.manage',
    });
    expect(refused(await ask(bob, 'GET', `${team}/roles`))).toEqual([403, 'permission-missing']);
    expect(refused(await ask(bob, 'GET', `${team}/members`))).toEqual([403, 'permission-missing']);
    expect(refused(await ask(bob, 'DELETE', `${team}/members/${ada.userId}`))).toEqual([403, 'permission-missing']);
    expect(refused(await ask(bob, 'DELETE', team))).toEqual([403, 'not-an-owner']);
    expect(refused(await ask(bob, 'POST', `${team}/ownership`, { userId: bob.userId }))).toEqual([403, 'not-an-owner']);

    expect(refused(await ask(ada, 'DELETE', `${team}/roles/${deployer}`))).toEqual([409, 'role-in-use']);
    const target = `?reassignTo=${String(roles['Developer'])}`;
    const retired = done(await ask(ada, 'DELETE', `${team}/roles/${deployer}${target}`));
    expect((await membersOf(team, ada, retired)).get(bob.userId)).toBe('Developer');
    expect(await rolesOf(team, bob)).toEqual(roles);
    const mail = await mailTo(bob.client, bob.email, 'role-changed', 2);
    expect(mail.TextBody).toContain('Ada Example retired the role that you had in the team “Bridges & Sons”');
  });

  it('are told of a foreign team what they are told of one that does not exist', async () => {
    const stranger = await teaming.colleague();
    const asked = async (teamId: string) => {
      const path = `/v1/teams/${teamId}`;
      const [roleId, name, userId] = [randomUUID(), 'X', bob.userId];
      const answers = [];
      for (const [method, rest, body] of [
        ['GET', ''],
        ['PATCH', '', { name }],
        ['DELETE', ''],
        ['GET', '/members'],
        ['PATCH', `/members/${bob.userId}`, { roleId }],
        ['DELETE', `/members/${bob.userId}`],
        ['POST', '/ownership', { userId }],
        ['POST', '/leave'],
        ['PUT', '/session-policy', { idleTimeoutSeconds: 300 }],
        ['GET', '/roles'],
        ['POST', '/roles', { name, permissions: ['no.such'] }],
        ['PATCH', `/roles/${roleId}`, { name }],
        ['DELETE', `/roles/${roleId}?reassignTo=${roleId}`],
      ] as const) {
        answers.push(comparable(await ask(stranger, method, path + rest, body)));
      }
      return answers;
    };
    const foreign = await asked(teaming.teamId);
    expect(foreign).toEqual(await asked(randomUUID()));
    expect(new Set(foreign.map(({ status, rest }) => `${String(status)} ${String(rest['type'])}`))).toEqual(
      new Set(['404 urn:problem:team-not-found']),
    );
  });

  it('have sessions with the idle timeout of the team that they are in', async () => {
    const timeoutOf = async (who: Colleague) =>
      ((await whoAmI(who.client, who.grant)).body['session'] as { idleTimeoutSeconds: number }).idleTimeoutSeconds;
    const own = bob.grant.session.teamId;
    expect(await timeoutOf(bob)).toBe(3600);
    done(await ask(ada, 'PUT', `${team}/session-policy`, { idleTimeoutSeconds: 600 }));
    await eventually(async () => {
      expect(await timeoutOf(ada)).toBe(600);
    });
    await switchTo(bob, teaming.teamId);
    expect(await timeoutOf(bob)).toBe(600);
    done(await ask(ada, 'PUT', `${team}/session-policy`, { idleTimeoutSeconds: 900 }));
    await eventually(async () => {
      expect([await timeoutOf(ada), await timeoutOf(bob)]).toEqual([900, 900]);
    });
    await switchTo(bob, own);
    expect(await timeoutOf(bob)).toBe(3600);
  });
});

describe('leaving', () => {
  it('is refused to the last Owner, who hands the team over first', async () => {
    const { Developer = '' } = await rolesOf(team, ada);
    for (const attempt of [
      await ask(ada, 'POST', `${team}/leave`),
      await ask(ada, 'DELETE', `${team}/members/${ada.userId}`),
      await ask(ada, 'PATCH', `${team}/members/${ada.userId}`, { roleId: Developer }),
    ]) {
      expect(refused(attempt)).toEqual([409, 'last-owner']);
    }
    const handed = done(await ask(ada, 'POST', `${team}/ownership`, { userId: bob.userId }));
    expect([...(await membersOf(team, ada, handed))]).toEqual([
      [ada.userId, 'Manager'],
      [bob.userId, 'Owner'],
    ]);
    expect((await mailTo(bob.client, bob.email, 'ownership-transferred')).Subject).toContain('You now own');
    expect((await mailTo(ada.client, ada.email, 'ownership-transferred')).Subject).toContain('You handed over');
    const back = done(await ask(bob, 'POST', `${team}/ownership`, { userId: ada.userId }));
    expect([...(await membersOf(team, ada, back)).values()]).toEqual(['Owner', 'Manager']);
  });

  it('takes the session to another team of the person, whether they left or were removed', async () => {
    const eve = await teaming.colleague();
    const own = eve.grant.session.teamId;
    await teaming.takeIn(eve);
    await switchTo(eve, teaming.teamId);
    done(await ask(eve, 'POST', `${team}/leave`));
    // At once; which of the two depends on whether the session has moved on already.
    expect([401, 404]).toContain((await ask(eve, 'GET', team)).status);
    await untilIn(eve, own);
    expect(refused(await ask(eve, 'GET', team))).toEqual([404, 'team-not-found']);

    await teaming.takeIn(eve);
    await switchTo(eve, teaming.teamId);
    done(await ask(ada, 'DELETE', `${team}/members/${eve.userId}`));
    await untilIn(eve, own);
    expect((await whoAmI(eve.client, eve.grant)).body).toMatchObject({
      team: { teamId: own },
      role: { name: 'Owner' },
    });
    const mail = await mailTo(eve.client, eve.email, 'member-removed');
    expect(mail.TextBody).toContain('Ada Example removed you from the team “Bridges & Sons”');
    expect(refused(await ask(ada, 'DELETE', `${team}/members/${eve.userId}`))).toEqual([404, 'member-not-found']);
  });

  it('of the inviter, or closing the team, makes an invitation worthless', async () => {
    const [eve, guest, late] = [await teaming.colleague(), teaming.newAddress(), teaming.newAddress()];
    await teaming.takeIn(eve, 'Manager');
    expect((await teaming.invite(guest, 'Developer', eve.grant)).status).toBe(201);
    done(await ask(ada, 'DELETE', `${team}/members/${eve.userId}`));
    expect(refused(await accept(teaming.stack.client(), await teaming.linkTo(guest)))).toEqual([
      410,
      'invitation-no-longer-valid',
    ]);
    const made = done(await ask(eve, 'POST', '/v1/teams', { name: 'Short-lived' }), 201);
    const path = `/v1/teams/${String(made.body['teamId'])}`;
    const { Developer: roleId } = await rolesOf(path, eve);
    done(await ask(eve, 'POST', `${path}/invitations`, { email: late, roleId }), 201);
    const link = await teaming.linkTo(late);
    done(await ask(eve, 'DELETE', path));
    expect(refused(await accept(teaming.stack.client(), link))).toEqual([410, 'invitation-no-longer-valid']);
  });
});

describe('closing a team', () => {
  it('tells its members, and their sessions go on elsewhere', async () => {
    const [eve, mallory] = [await teaming.colleague(), await teaming.colleague()];
    const made = done(await ask(eve, 'POST', '/v1/teams', { name: 'Gardens' }), 201);
    const gardens = String(made.body['teamId']);
    const { Developer: roleId } = await rolesOf(`/v1/teams/${gardens}`, eve);
    const body = { email: mallory.email, roleId };
    done(await ask(eve, 'POST', `/v1/teams/${gardens}/invitations`, body), 201);
    const link = await teaming.linkTo(mallory.email);
    done(await accept(mallory.client, link, {}, mallory.grant.accessToken), 200);
    const homes = new Map([eve, mallory].map((who) => [who, who.grant.session.teamId]));
    for (const who of [eve, mallory]) await switchTo(who, gardens);

    done(await ask(eve, 'DELETE', `/v1/teams/${gardens}`));
    for (const [who, home] of homes) {
      await untilIn(who, home);
      expect(refused(await ask(who, 'GET', `/v1/teams/${gardens}`))).toEqual([404, 'team-not-found']);
      expect((await mailTo(who.client, who.email, 'team-closed')).Subject).toContain('“Gardens”');
    }
    expect((await ask(eve, 'GET', '/v1/teams')).body['items']).toHaveLength(1);
  });

  it('ends the session of who has no other; the next login makes a team and goes on in it', async () => {
    const eve = await teaming.colleague();
    done(await ask(eve, 'DELETE', `/v1/teams/${eve.grant.session.teamId}`));
    await eventually(async () => {
      expect(refused(await refresh(eve.client, eve.grant.refreshToken))).toEqual([401, 'session-revoked']);
    });
    expect((await whoAmI(eve.client, eve.grant)).status).toBe(401);

    const { body } = await startLogin(eve.client, eve.email);
    expect(body).toMatchObject({ status: 'team-selection-required', teams: [] });
    const { loginId, loginToken: bearer } = body as { loginId: string; loginToken: string };
    const name = 'Fresh Start';
    const made = done(await call(eve.client, 'POST', '/v1/teams', { bearer, body: { name } }), 201);
    const teamId = String(made.body['teamId']);
    const chosen = await call(eve.client, 'POST', `/v1/logins/${loginId}/team`, { bearer, body: { teamId } });
    eve.grant = done(chosen, 200).body as unknown as Grant;
    const me = await whoAmI(eve.client, eve.grant);
    expect(me.body).toMatchObject({ team: { teamId, name }, role: { name: 'Owner' } });
    const again = await call(eve.client, 'POST', '/v1/teams', { bearer, body: { name } });
    expect(refused(again)).toEqual([409, 'login-step-not-due']);
  });

  it('needs a login that has come to its team: a token from before the code makes none', async () => {
    const eve = await teaming.colleague();
    const elsewhere = teaming.stack.client();
    const { body } = await startLogin(elsewhere, eve.email);
    expect(body['status']).toBe('device-approval-required');
    const bearer = String(body['loginToken']);
    const early = await call(elsewhere, 'POST', '/v1/teams', { bearer, body: { name: 'Too early' } });
    expect(refused(early)).toEqual([409, 'login-step-not-due']);
    expect(codeIn(await mailTo(eve.client, eve.email, 'device-code'))).toMatch(/^\d{6}$/);
  });
});

describe('at the same time', () => {
  it('of two Owners who demote each other one remains', async () => {
    const eve = await teaming.colleague();
    await teaming.takeIn(eve, 'Owner');
    const { Owner: ownerRole, Developer: roleId } = await rolesOf(team, ada);
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all([
        ask(ada, 'PATCH', `${team}/members/${eve.userId}`, { roleId }),
        ask(eve, 'PATCH', `${team}/members/${ada.userId}`, { roleId }),
      ]);
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect([403, 409]).toContain(statuses.find((status) => status !== 204));
      const remaining = statuses[0] === 204 ? ada : eve;
      const members = await membersOf(team, remaining, answers[statuses.indexOf(204)]);
      expect([...members].filter(([, role]) => role === 'Owner')).toEqual([[remaining.userId, 'Owner']]);
      const other = remaining === ada ? eve : ada;
      done(await ask(remaining, 'PATCH', `${team}/members/${other.userId}`, { roleId: ownerRole }));
    }
  });
});
