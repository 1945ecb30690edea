import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInviting, accept, problemOf, type RoleName, type Inviting } from './inviting.ts';
import { call, logIn, newPerson, password, startLogin, type Answer } from './journey.ts';

let inviting: Inviting;
let stack: Inviting['stack'];
let log: Inviting['log'];
let owner: Inviting['owner'];
let ownerGrant: Inviting['ownerGrant'];
let roles: Inviting['roles'];
let newAddress: Inviting['newAddress'];
let teamPath: Inviting['teamPath'];
let invite: Inviting['invite'];
let invited: Inviting['invited'];
let linkTo: Inviting['linkTo'];

beforeAll(async () => {
  inviting = await startInviting();
  ({ stack, log, owner, ownerGrant, roles, newAddress, teamPath, invite, invited, linkTo } = inviting);
});
afterAll(() => inviting.stop());

describe('who may invite', () => {
  it('is whoever has the right, and gives no more than they have', async () => {
    const memberOf = async (role: RoleName) => {
      const email = newAddress();
      const client = stack.client();
      await invited(email, role);
      expect((await accept(client, await linkTo(email))).status).toBe(200);
      return logIn(client, email);
    };
    const manager = await memberOf('Manager');
    const developer = await memberOf('Developer');
    expect((await invite(newAddress(), 'Developer', manager)).status).toBe(201);
    const owning = await invite(newAddress(), 'Owner', manager);
    expect([owning.status, problemOf(owning), owning.body['permission']]).toEqual([403, 'permission-missing', '*']);
    const none = await invite(newAddress(), 'Developer', developer);
    expect([none.status, none.body['permission']]).toEqual([403, 'team.invite']);
    const list = await call(owner, 'GET', teamPath(), { bearer: developer.accessToken });
    expect(list.status).toBe(403);

    const body = { email: newAddress(), roleId: ownerGrant.session.sessionId };
    const unknownRole = await call(owner, 'POST', teamPath(), { body, bearer: manager.accessToken });
    expect([unknownRole.status, problemOf(unknownRole)]).toEqual([404, 'role-not-found']);
  });

  it('sees of a foreign team what there is of one that does not exist', async () => {
    const email = newAddress();
    const client = stack.client();
    await newPerson(client, email);
    const { accessToken: bearer, session } = await logIn(client, email);
    const { invitationId } = await invited(newAddress());
    const strip = ({ status, body: { requestId: _requestId, ...rest } }: Answer) => ({ status, rest });
    const asked = async (teamId: string) => [
      strip(await call(client, 'GET', teamPath(teamId), { bearer })),
      strip(await call(client, 'POST', teamPath(teamId), { bearer, body: { email, roleId: roles.Owner } })),
      strip(await call(client, 'POST', `${teamPath(teamId)}/${String(invitationId)}/resend`, { bearer })),
      strip(await call(client, 'DELETE', `${teamPath(teamId)}/${String(invitationId)}`, { bearer })),
    ];
    const foreign = await asked(ownerGrant.session.teamId);
    expect(foreign).toEqual(await asked(session.sessionId));
    expect(foreign.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const own = await call(client, 'DELETE', `${teamPath(session.teamId)}/${String(invitationId)}`, { bearer });
    expect(problemOf(own)).toBe('invitation-not-found');
  });

  it('is told the same whether or not the address has an account', async () => {
    const email = newAddress();
    await newPerson(stack.client(), email);
    const shape = ({ status, headers, body }: Answer) => [status, Object.keys(body), [...headers.keys()].sort()];
    expect(shape(await invite(email))).toEqual(shape(await invite(newAddress())));
  });
});

describe('at the same time', () => {
  it('of accepting and revoking one wins, and both are told', async () => {
    for (let round = 0; round < 4; round++) {
      const email = newAddress();
      const { invitationId } = await invited(email);
      const token = await linkTo(email);
      const [accepted, revoked] = await Promise.all([
        accept(stack.client(), token),
        call(owner, 'DELETE', `${teamPath()}/${String(invitationId)}`, { bearer: ownerGrant.accessToken }),
      ]);
      const outcome = [accepted.status, revoked.status];
      expect([
        [200, 409],
        [410, 204],
      ]).toContainEqual(outcome);
      const types = (await log.events()).filter(({ stream }) => stream === `invitation-${String(invitationId)}`);
      expect(types.map(({ type }) => type)).toEqual([
        'InvitationIssued',
        accepted.status === 200 ? 'InvitationAccepted' : 'InvitationRevoked',
      ]);
      expect((await startLogin(stack.client(), email)).status).toBe(accepted.status === 200 ? 200 : 401);
    }
  });

  it('of many acceptances one makes the account, with its password', async () => {
    const email = newAddress();
    await invited(email);
    const token = await linkTo(email);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        accept(stack.client(), token, { name: `Bob ${String(n)}`, password: `${password} ${String(n)}` }),
      ),
    );
    const winners = answers.flatMap(({ status }, n) => (status === 200 ? [n] : []));
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    const statuses = [];
    for (let n = 0; n < 6; n++) {
      statuses.push((await startLogin(stack.client(), email, { password: `${password} ${String(n)}` })).status);
    }
    expect(statuses.flatMap((status, n) => (status === 200 ? [n] : []))).toEqual(winners);
  });
});

it('keeps addresses and tokens of invitations out of the logs and the events', async () => {
  const email = newAddress();
  await invited(email);
  const token = await linkTo(email);
  await call(stack.client(), 'GET', `/v1/invitations/${token}`);
  await call(stack.client(), 'GET', `/invitations?token=${token}`);
  await accept(stack.client(), token);
  const logs = await stack.logs();
  expect(logs).toContain('/v1/invitations/***');
  expect(logs).not.toContain(token);
  expect(logs).not.toContain(email);
  const events = JSON.stringify((await log.events()).map(({ data, metadata }) => ({ data, metadata })));
  expect(events).not.toContain(email);
  expect(events).not.toContain(token);
});
