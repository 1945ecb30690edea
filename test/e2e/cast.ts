import { expect } from 'vitest';
import { vaultSigningKeys } from '../../src/adapters/jose-signing-keys.ts';
import { joseTokens } from '../../src/adapters/jose-tokens.ts';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import type { Caller, Subject } from './authorization-matrix.ts';
import {
  call,
  eventually,
  logIn,
  mailTo,
  newPerson,
  password,
  startLogin,
  tokenIn,
  type Client,
  type Grant,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';

/** One of each kind of caller, with a session of theirs, around the team of `owner`. */
export interface Cast {
  readonly client: Client;
  readonly subject: Subject;
  /** `undefined` for nobody. */
  readonly bearerOf: (caller: Caller) => string | undefined;
  readonly stop: () => Promise<void>;
}

const adminEmail = 'admin@example.com';
const expiredMs = 7 * 3_600_000;

export async function startCast(): Promise<Cast> {
  const stack = await startStack({ env: { BOOTSTRAP_ADMIN_EMAIL: adminEmail, AUDIT_CHECKPOINT_SECONDS: '1' } });
  try {
    return await gather(stack);
  } catch (error) {
    const logs = await stack.logs();
    await stack.stop();
    throw new Error(`The cast did not gather:\n${logs.slice(-4000)}`, { cause: error });
  }
}

async function gather(stack: Stack): Promise<Cast> {
  const admin = await join(stack, adminEmail);
  const owner = await founder(stack, 'owner@example.com');
  const { teamId, userId: ownerId } = owner.session;
  const reviewers = await roleNamed(stack, admin, 'Compliance reviewer');
  const managers = await roleNamed(stack, owner, 'Manager');
  const builders = await newRole(stack, owner);
  const without = await invited(stack, owner, builders, 'without@example.com');
  const withIt = await invited(stack, owner, managers, 'with@example.com');
  const [toLeave, toClose] = [
    await anotherTeam(stack, owner, [without, withIt]),
    await anotherTeam(stack, owner, [without, withIt]),
  ];
  const removed = await invited(stack, owner, builders, 'removed@example.com');
  const deactivated = await founder(stack, 'deactivated@example.com');
  const bearers: Record<Caller, string | undefined> = {
    nobody: undefined,
    expired: await expiredToken(stack, owner),
    loginOnly: await loginToken(stack, 'login@example.com'),
    without: without.accessToken,
    with: withIt.accessToken,
    owner: owner.accessToken,
    foreign: (await founder(stack, 'foreign@example.com')).accessToken,
    admin: admin.accessToken,
    reviewer: (await invited(stack, admin, reviewers, 'reviewer@example.com')).accessToken,
    deactivated: deactivated.accessToken,
    removed: removed.accessToken,
  };
  await shutOut(stack, admin, `/v1/users/${deactivated.session.userId}/deactivate`, 'POST', deactivated);
  await shutOut(stack, owner, `/v1/teams/${teamId}/members/${removed.session.userId}`, 'DELETE', removed);
  const eventId = await someEvent(stack, owner);
  await proven(stack, owner, eventId);
  return {
    client: stack.client(),
    subject: { teamId, ownerId, eventId, toLeave, toClose },
    bearerOf: (caller) => bearers[caller],
    stop: () => stack.stop(),
  };
}

async function founder(stack: Stack, email: string): Promise<Grant> {
  const client = stack.client();
  await newPerson(client, email);
  return logIn(client, email);
}

async function invited(stack: Stack, by: Grant, roleId: string, email: string): Promise<Grant> {
  const path = `/v1/teams/${by.session.teamId}/invitations`;
  const answer = await call(stack.client(), 'POST', path, { bearer: by.accessToken, body: { email, roleId } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return join(stack, email);
}

/** By the link of the invitation, as somebody new. */
async function join(stack: Stack, email: string): Promise<Grant> {
  const client = stack.client();
  const body = { token: tokenIn(await mailTo(client, email, 'invitation')), name: 'Ada Example', password };
  const accepted = await call(client, 'POST', '/v1/invitations/accept', { body });
  expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
  return logIn(client, email);
}

async function roleNamed(stack: Stack, { accessToken, session }: Grant, name: string): Promise<string> {
  const { body } = await call(stack.client(), 'GET', `/v1/teams/${session.teamId}/roles`, { bearer: accessToken });
  const roles = body['items'] as { roleId: string; name: string }[];
  return roles.find((role) => role.name === name)?.roleId ?? expect.fail(`no role ${name}`);
}

async function newRole(stack: Stack, { accessToken, session }: Grant): Promise<string> {
  const role = { name: 'Builder', permissions: ['site.create'] };
  const path = `/v1/teams/${session.teamId}/roles`;
  const { status, body } = await call(stack.client(), 'POST', path, { bearer: accessToken, body: role });
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['roleId']);
}

let invitations = 0;

/** Made by `owner`, where the first of the members may nothing, and the second is a manager. */
async function anotherTeam(stack: Stack, owner: Grant, [builder, manager]: readonly [Grant, Grant]): Promise<string> {
  const bearer = owner.accessToken;
  const made = await call(stack.client(), 'POST', '/v1/teams', { bearer, body: { name: 'Another' } });
  const teamId = String(made.body['teamId']);
  const inTeam = { ...owner, session: { ...owner.session, teamId } };
  const roleIds = [await newRole(stack, inTeam), await roleNamed(stack, inTeam, 'Manager')];
  for (const [index, member] of [builder, manager].entries()) {
    const body = { email: `${index === 0 ? 'without' : 'with'}@example.com`, roleId: roleIds[index] };
    const answer = await call(stack.client(), 'POST', `/v1/teams/${teamId}/invitations`, { bearer, body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    invitations += 1;
    const token = tokenIn(await mailTo(stack.client(), body.email, 'invitation', 1 + Math.ceil(invitations / 2)));
    const about = { bearer: member.accessToken, body: { token } };
    expect((await call(stack.client(), 'POST', '/v1/invitations/accept', about)).status).toBe(200);
  }
  return teamId;
}

/** A login that has come as far as the choice of the team. */
async function loginToken(stack: Stack, email: string): Promise<string> {
  const client = stack.client();
  await newPerson(client, email);
  const { body } = await startLogin(client, email);
  expect(body['status']).toBe('team-selection-required');
  return String(body['loginToken']);
}

/** As the service signed it some hours ago. */
async function expiredToken(stack: Stack, { session }: Grant): Promise<string> {
  const clock = () => new Date();
  const keys = masterKeys({ current: stack.masterKey, previous: [] });
  const { serviceKeys } = postgresVault({ pool: stack.database.pool, clock, masterKeys: keys });
  const tokens = joseTokens({
    signingKeys: vaultSigningKeys({ serviceKeys, clock }),
    issuer: stack.publicUrl,
    audience: stack.publicUrl,
  });
  const { token } = await tokens.sign({ ...session, roleId: session.teamId }, new Date(Date.now() - expiredMs));
  return token;
}

/** Once a signed checkpoint covers it. */
async function proven(stack: Stack, { accessToken }: Grant, eventId: string): Promise<void> {
  await eventually(async () => {
    const path = `/v1/audit/proofs/inclusion?eventId=${eventId}`;
    expect((await call(stack.client(), 'GET', path, { bearer: accessToken })).status).toBe(200);
  });
}

/** Whoever is shut out has no session any more, also once everything that follows has followed. */
async function shutOut(stack: Stack, by: Grant, path: string, method: string, out: Grant): Promise<void> {
  const answer = await call(stack.client(), method, path, { bearer: by.accessToken });
  expect(answer.status, JSON.stringify(answer.body)).toBe(204);
  await eventually(async () => {
    const refused = await call(stack.client(), 'GET', '/v1/sessions', { bearer: out.accessToken });
    expect(refused.status).toBe(401);
  });
}

async function someEvent(stack: Stack, { accessToken, session }: Grant): Promise<string> {
  return eventually(async () => {
    const path = `/v1/audit/events?team=${session.teamId}&type=MemberRemoved`;
    const { body } = await call(stack.client(), 'GET', path, { bearer: accessToken });
    const [first] = body['items'] as { eventId: string }[];
    return first?.eventId ?? expect.fail('the history does not show it yet');
  });
}
