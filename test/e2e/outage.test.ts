import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  eventually,
  logIn,
  newPerson,
  password,
  startLogin,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { problemOf } from './persistence.ts';
import { startOwnServers, type OwnServers, type ServerName } from './servers.ts';
import { startStack, type Stack } from './stack.ts';

let servers: OwnServers;
let stack: Stack;
let people = 0;
let away: ServerName | undefined;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  servers = await startOwnServers();
  closing.push(() => servers.stop());
  stack = await startStack({ servers: servers.urls });
  closing.push(() => stack.stop());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
afterEach(async () => {
  if (away !== undefined) await comesBack(away);
});

async function goesAway(name: ServerName): Promise<void> {
  away = name;
  await servers.kill(name);
}

async function comesBack(name: ServerName): Promise<void> {
  await servers.start(name);
  away = undefined;
}

interface SignedIn {
  readonly client: Client;
  readonly email: string;
  readonly grant: Grant;
}

async function signedIn(): Promise<SignedIn> {
  const [client, email] = [stack.client(), `outage-${(people += 1)}@example.com`];
  await newPerson(client, email);
  return { client, email, grant: await logIn(client, email) };
}

const whoAmI = ({ client, grant }: Pick<SignedIn, 'client' | 'grant'>) =>
  call(client, 'GET', '/v1/session', { bearer: grant.accessToken });

const statusOfSession = async (who: SignedIn) => (await whoAmI(who)).status;

/** How long an answer took comes with it, in milliseconds. */
async function timed(request: () => Promise<Answer>): Promise<Answer & { readonly ms: number }> {
  const before = performance.now();
  return { ...(await request()), ms: performance.now() - before };
}

function expectUnavailable(answer: Answer, problem: string): void {
  expect([answer.status, problemOf(answer)]).toEqual([503, problem]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

const readiness = async () => {
  const answer = await call(stack.client(), 'GET', '/readyz');
  const { dependencies } = answer.body as { dependencies?: Record<string, { status: string }> };
  return { status: answer.status, dependencies };
};

const livez = async () => (await fetch(`${stack.apiUrl}/livez`)).ok;

/** Without any help: somebody new gets all the way in, and out again. */
async function everythingWorks(): Promise<void> {
  await eventually(async () => {
    expect((await readiness()).status).toBe(200);
  }, 30_000);
  // A circuit breaker may take a second more to find out.
  const fresh = await eventually(signedIn, 30_000);
  expect(await statusOfSession(fresh)).toBe(200);
}

describe('Redis is away', () => {
  test('sessions go on, a revocation holds, nobody new gets in, and all recovers by itself', async () => {
    const [staying, leaving, coming] = [await signedIn(), await signedIn(), await signedIn()];
    const { body } = await startLogin(coming.client, coming.email);
    const { loginId, loginToken, teams } = body as unknown as {
      loginId: string;
      loginToken: string;
      teams: { teamId: string }[];
    };
    await goesAway('redis');

    expect(await statusOfSession(staying)).toBe(200);
    expect((await call(leaving.client, 'DELETE', '/v1/session', { bearer: leaving.grant.accessToken })).status).toBe(
      204,
    );
    const refused = await eventually(async () => {
      const answer = await whoAmI(leaving);
      expect(answer.status).toBe(401);
      return answer;
    });
    expect(problemOf(refused)).toBe('session-revoked');

    const lastStep = () =>
      call(coming.client, 'POST', `/v1/logins/${loginId}/team`, {
        bearer: loginToken,
        body: { teamId: teams[0]?.teamId },
      });
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const answer = await timed(lastStep);
      expectUnavailable(answer, 'session-store-unavailable');
      expect(answer.ms).toBeLessThan(1000);
    }
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { 'session-store': { status: 'down' } } });
    expect(await livez()).toBe(true);

    await comesBack('redis');
    const entered = await eventually(async () => {
      const answer = await lastStep();
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(await statusOfSession({ ...coming, grant: entered.body as unknown as Grant })).toBe(200);
    expect(await statusOfSession(staying)).toBe(200);
    await eventually(async () => {
      expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
    });
    await everythingWorks();
  });
});

describe('the event store is away', () => {
  test('sessions are still verified, commands answer 503, and all recovers by itself', async () => {
    const [staying, leaving] = [await signedIn(), await signedIn()];
    await goesAway('event-store');

    expect(await statusOfSession(staying)).toBe(200);
    const body = { email: 'nobody@example.com', password, name: 'Nobody', teamName: 'None' };
    const commands = [
      () => call(stack.client(), 'POST', '/v1/registrations', { body }),
      () => startLogin(staying.client, staying.email),
      () => call(leaving.client, 'DELETE', '/v1/session', { bearer: leaving.grant.accessToken }),
      () =>
        call(staying.client, 'POST', '/v1/sessions/refresh', { body: { refreshToken: staying.grant.refreshToken } }),
    ];
    for (const command of commands) expectUnavailable(await command(), 'event-store-unavailable');
    expect(await statusOfSession(staying)).toBe(200);
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { 'event-store': { status: 'down' } } });
    expect(await livez()).toBe(true);

    await comesBack('event-store');
    await everythingWorks();
    expect(await statusOfSession(leaving)).toBe(200);
    expect((await call(leaving.client, 'DELETE', '/v1/session', { bearer: leaving.grant.accessToken })).status).toBe(
      204,
    );
    expect(await statusOfSession(leaving)).toBe(401);
  });
});

describe('PostgreSQL is away', () => {
  test('the process lives, answers 503 where it needs the database, and all recovers by itself', async () => {
    const staying = await signedIn();
    await goesAway('postgres');

    expect(await livez()).toBe(true);
    expectUnavailable(await whoAmI(staying), 'database-unavailable');
    const login = await timed(() => startLogin(stack.client(), staying.email));
    expect(login.status).toBe(503);
    expect(Number(login.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { database: { status: 'down' } } });

    await comesBack('postgres');
    await everythingWorks();
    expect(await statusOfSession(staying)).toBe(200);
  });
});
