import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, eventually, password, startLogin, type Grant } from './journey.ts';
import { expectUnavailable, outagesOf, timed } from './outages.ts';
import { problemOf } from './persistence.ts';
import { startOwnServers, type OwnServers, type ServerName } from './servers.ts';
import { startStack, type Stack } from './stack.ts';

let servers: OwnServers;
let stack: Stack;
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

const { signedIn, whoAmI, statusOfSession, logOut, refresh, atTheDoor, readiness, livez, everythingWorks } = outagesOf(
  () => stack,
);

describe('Redis is away', () => {
  test('sessions go on, a revocation holds, nobody new gets in, and all recovers by itself', async () => {
    const [staying, leaving, coming] = [await signedIn(), await signedIn(), await signedIn()];
    const lastStep = await atTheDoor(coming);
    await goesAway('redis');

    expect(await statusOfSession(staying)).toBe(200);
    expect((await logOut(leaving)).status).toBe(204);
    const refused = await eventually(async () => {
      const answer = await whoAmI(leaving);
      expect(answer.status).toBe(401);
      return answer;
    });
    expect(problemOf(refused)).toBe('session-revoked');

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
      () => logOut(leaving),
      () => refresh(staying),
    ];
    for (const command of commands) expectUnavailable(await command(), 'event-store-unavailable');
    expect(await statusOfSession(staying)).toBe(200);
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { 'event-store': { status: 'down' } } });
    expect(await livez()).toBe(true);

    await comesBack('event-store');
    await everythingWorks();
    expect(await statusOfSession(leaving)).toBe(200);
    expect((await logOut(leaving)).status).toBe(204);
    expect(await statusOfSession(leaving)).toBe(401);
  });
});

describe('PostgreSQL is away', () => {
  test('the process lives, answers 503 where it needs the database, and all recovers by itself', async () => {
    const staying = await signedIn();
    // The event store goes with it here: the process has to know the team already.
    expect(await statusOfSession(staying)).toBe(200);
    await goesAway('postgres');

    expect(await livez()).toBe(true);
    const { status, body } = await whoAmI(staying);
    expect([status, body['session']]).toEqual([200, expect.objectContaining({ userId: staying.grant.session.userId })]);
    const login = await timed(() => startLogin(stack.client(), staying.email));
    expect(login.status).toBe(503);
    expect(Number(login.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { database: { status: 'down' } } });

    await comesBack('postgres');
    await everythingWorks();
    expect(await statusOfSession(staying)).toBe(200);
  });
});
