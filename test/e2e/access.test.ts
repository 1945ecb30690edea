import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept } from './inviting.ts';
import {
  call,
  eventually,
  logIn,
  mailTo,
  newPerson,
  tokenIn,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { problemOf } from './persistence.ts';
import { startOwnServers, type OwnServers } from './servers.ts';
import { startStack, type Stack } from './stack.ts';

const root = 'root@example.com';

let servers: OwnServers;
let stack: Stack;
let owner: Grant;
let roles: Readonly<Record<string, string>>;
/** Has the rights over the platform. */
let admin: Grant;
let people = 0;
const closing: (() => Promise<unknown>)[] = [];

/** Who changes things talks to one process, who is affected to the other. */
const [here, there] = ['api', 'second-api'] as const;

beforeAll(async () => {
  servers = await startOwnServers();
  closing.push(() => servers.stop());
  stack = await startStack({ servers: servers.urls, env: { SESSIONS_PER_USER: '10', BOOTSTRAP_ADMIN_EMAIL: root } });
  closing.push(() => stack.stop());
  await stack.start('second-api');
  const client = stack.client();
  await newPerson(client, 'owner@example.com');
  owner = await logIn(client, 'owner@example.com');
  const administrator = stack.client();
  const invitation = tokenIn(await mailTo(administrator, root, 'invitation'));
  expect((await accept(administrator, invitation)).status).toBe(200);
  admin = await logIn(administrator, root);
  const answer = await asOwner('GET', '/roles');
  const { items } = answer.body as unknown as { items: { roleId: string; name: string }[] };
  roles = Object.fromEntries(items.map(({ roleId, name }) => [name, roleId]));
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const asOwner = (method: string, path: string, body?: object) =>
  call(stack.client(here), method, `/v1/teams/${owner.session.teamId}${path}`, {
    bearer: owner.accessToken,
    ...(body && { body }),
  });

interface Member {
  readonly client: Client;
  readonly email: string;
  readonly grant: Grant;
}

async function member(role = 'Developer'): Promise<Member> {
  const [client, email] = [stack.client(), `member${String((people += 1))}@example.com`];
  expect((await asOwner('POST', '/invitations', { email, roleId: roles[role] })).status).toBe(201);
  expect((await accept(client, tokenIn(await mailTo(client, email, 'invitation')))).status).toBe(200);
  const grant = await eventually(() => logIn(client, email));
  return { client, email, grant };
}

const whoAmI = ({ grant }: Pick<Member, 'grant'>, at: 'api' | 'second-api' = there) =>
  call(stack.client(at), 'GET', '/v1/session', { bearer: grant.accessToken });

async function may({ grant }: Member, permission: string): Promise<boolean | string> {
  const body = { permissions: [permission] };
  const answer = await call(stack.client(there), 'POST', '/v1/authorize', { body, bearer: grant.accessToken });
  const { allowed } = answer.body as { allowed?: Record<string, boolean> };
  return allowed?.[permission] ?? problemOf(answer);
}

const give = async (who: Member, role: string) => {
  const answer = await asOwner('PATCH', `/members/${who.grant.session.userId}`, { roleId: roles[role] });
  expect(answer.status, JSON.stringify(answer.body)).toBe(204);
};

const logOut = async ({ grant }: Member) => {
  const answer = await call(stack.client(here), 'DELETE', '/v1/session', { bearer: grant.accessToken });
  expect(answer.status, JSON.stringify(answer.body)).toBe(204);
};

/** Asks both processes, again and again: nobody is let in. */
async function staysRefused(who: Member, forMs: number): Promise<void> {
  const until = Date.now() + forMs;
  let asked = 0;
  while (Date.now() < until) {
    const answers = await Promise.all([whoAmI(who, here), whoAmI(who, there)]);
    expect(answers.map(problemOf)).toEqual(['session-revoked', 'session-revoked']);
    asked += answers.length;
  }
  expect(asked).toBeGreaterThan(10);
}

/** For whoever runs the tests to read: from the answer on one process to that of the other. */
async function sinceAcknowledged<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const acknowledged = performance.now();
  const answer = await ask();
  const ms = (performance.now() - acknowledged).toFixed(1);
  process.stdout.write(`${what}: obeyed by the other process ${ms} ms later\n`);
  return answer;
}

const permissionsIn = ({ body }: Answer) => body['permissions'] as string[];

describe('a change on one process is obeyed by the very next request on the other', () => {
  test('a role', async () => {
    const bob = await member();
    expect(await may(bob, 'server.manage')).toBe(false);
    for (let round = 0; round < 10; round += 1) {
      const promoted = round % 2 === 0;
      await give(bob, promoted ? 'Manager' : 'Developer');
      expect(await sinceAcknowledged('a role', () => may(bob, 'server.manage'))).toBe(promoted);
      expect(permissionsIn(await whoAmI(bob)).includes('server.manage')).toBe(promoted);
    }
  });

  test('what a role may do', async () => {
    const added = await asOwner('POST', '/roles', { name: 'Deployers', permissions: ['env.deploy'] });
    const { roleId } = added.body as { roleId: string };
    roles = { ...roles, Deployers: roleId };
    const bob = await member('Deployers');
    for (let round = 0; round < 4; round += 1) {
      const held = round % 2 === 0 ? 'env.delete' : 'env.deploy';
      expect((await asOwner('PATCH', `/roles/${roleId}`, { permissions: [held] })).status).toBe(204);
      expect([await may(bob, 'env.delete'), await may(bob, 'env.deploy')]).toEqual([round % 2 === 0, round % 2 !== 0]);
    }
  });

  test('a removal', async () => {
    const bob = await member('Manager');
    expect((await whoAmI(bob)).status).toBe(200);
    expect((await asOwner('DELETE', `/members/${bob.grant.session.userId}`)).status).toBe(204);
    // The session is ended a moment later, since it has no other team to go on in.
    const answer = await sinceAcknowledged('a removal', () => may(bob, 'site.create'));
    expect(answer === false || answer === 'session-revoked', String(answer)).toBe(true);
    expect((await whoAmI(bob)).status).toSatisfy((status) => status === 404 || status === 401);
  });

  test.each(['deactivate', 'lock'])('an administrator’s “%s”', async (action) => {
    const bob = await member();
    expect((await whoAmI(bob)).status).toBe(200);
    const path = `/v1/users/${bob.grant.session.userId}/${action}`;
    const done = await call(stack.client(here), 'POST', path, { bearer: admin.accessToken });
    expect(done.status, JSON.stringify(done.body)).toBe(204);
    const answer = await sinceAcknowledged(action, () => whoAmI(bob));
    expect([answer.status, problemOf(answer)]).toEqual([401, 'session-revoked']);
  });

  test('the end of a session', async () => {
    const bob = await member();
    for (let round = 0; round < 3; round += 1) {
      const grant = await logIn(bob.client, bob.email);
      expect((await whoAmI({ grant })).status).toBe(200);
      await logOut({ ...bob, grant });
      expect(problemOf(await whoAmI({ grant }))).toBe('session-revoked');
    }
  });
});

describe('while Redis is away, and when it is back with what it knew before', () => {
  /** Nobody mends what Redis has missed. */
  async function withoutWorker(run: () => Promise<void>): Promise<void> {
    await stack.kill('worker');
    await run();
    await stack.start('worker');
  }

  test('it was killed', async () => {
    const [leaving, changing] = [await member(), await member()];
    expect([(await whoAmI(leaving)).status, await may(changing, 'server.manage')]).toEqual([200, false]);
    await withoutWorker(async () => {
      await servers.kill('redis');
      await logOut(leaving);
      expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
      await give(changing, 'Manager');
      expect(await may(changing, 'server.manage')).toBe(true);
      await servers.start('redis');
      const refused = staysRefused(leaving, 5000);
      const until = Date.now() + 5000;
      while (Date.now() < until) expect(await may(changing, 'server.manage')).toBe(true);
      await refused;
    });
    await give(changing, 'Developer');
    expect(await may(changing, 'server.manage')).toBe(false);
  });

  test('it hung', async () => {
    const redis = new Redis(servers.urls.redis);
    const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
    redis.disconnect();
    const [leaving, changing] = [await member('Manager'), await member('Manager')];
    expect([(await whoAmI(leaving)).status, await may(changing, 'server.manage')]).toEqual([200, true]);
    await withoutWorker(async () => {
      process.kill(pid, 'SIGSTOP');
      try {
        await logOut(leaving);
        await give(changing, 'Developer');
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      expect(await may(changing, 'server.manage')).toBe(false);
      await staysRefused(leaving, 4500);
      expect(await may(changing, 'server.manage')).toBe(false);
    });
  });
});
