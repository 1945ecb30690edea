import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakable, type BreakableServer } from '../adapters/servers.ts';
import { eventually, startLogin, type Answer, type Grant } from './journey.ts';
import { expectUnavailable, outagesOf, timed } from './outages.ts';
import { problemOf } from './persistence.ts';
import { startOwnServers, type ServerName } from './servers.ts';
import { startStack, type Stack } from './stack.ts';

/** A killed server refuses, and a stopped one takes everything and says nothing: those are in the other files of outages. */
const ways: Readonly<Record<string, (wire: BreakableServer) => unknown>> = {
  'answers a byte now and then': (wire) => {
    wire.distort('drips');
  },
  'breaks off in the middle of its answers': (wire) => {
    wire.distort('breaks off');
  },
  'answers with something else': (wire) => {
    wire.distort('garbles');
  },
};

/** Milliseconds until somebody who needs it is told so; the rest is for the machine. */
const told = { redis: 1000, postgres: 2500, 'event-store': 3000 };
/** For what can be done without it. */
const atOnce = 1000;

let wires: Readonly<Record<ServerName, BreakableServer>>;
let stack: Stack;
let broken: ServerName | undefined;
const closing: (() => Promise<void>)[] = [];
const { signedIn, whoAmI, statusOfSession, logOut, refresh, atTheDoor, livez, readiness, everythingWorks } = outagesOf(
  () => stack,
);

beforeAll(async () => {
  const servers = await startOwnServers();
  closing.push(() => servers.stop());
  const wired = async (url: string) => {
    const wire = await breakable(url);
    closing.push(() => wire.close());
    return wire;
  };
  wires = {
    redis: await wired(servers.urls.redis),
    postgres: await wired(servers.urls.postgres),
    'event-store': await wired(servers.urls.eventStore.replace('esdb:', 'http:')),
  };
  const { redis, postgres, 'event-store': log } = wires;
  const urls = { redis: redis.url, postgres: postgres.url, eventStore: log.url.replace('http:', 'esdb:') };
  stack = await startStack({ servers: urls });
  closing.push(() => stack.stop());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
afterEach(async () => {
  await isBack();
});

async function breaks(name: ServerName, way: string): Promise<void> {
  broken = name;
  await ways[way]?.(wires[name]);
}

async function isBack(): Promise<void> {
  if (broken !== undefined) await wires[broken].heal();
  broken = undefined;
}

async function isShown(dependency: string): Promise<void> {
  expect(await livez()).toBe(true);
  await eventually(async () => {
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { [dependency]: { status: 'down' } } });
  });
}

async function refusedInTime(ask: () => Promise<Answer>, problem: string, withinMs: number): Promise<void> {
  const answer = await timed(ask);
  expectUnavailable(answer, problem);
  expect(answer.ms).toBeLessThan(withinMs);
}

describe.each(Object.keys(ways))('a server %s:', (way) => {
  test('Redis; sessions go on and can be ended, nobody new gets in, and all recovers by itself', async () => {
    const [staying, leaving, coming] = [await signedIn(), await signedIn(), await signedIn()];
    const lastStep = await atTheDoor(coming);
    await breaks('redis', way);
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      await refusedInTime(lastStep, 'session-store-unavailable', told.redis);
    }
    expect(await statusOfSession(staying)).toBe(200);
    expect((await logOut(leaving)).status).toBe(204);
    await eventually(async () => {
      expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
    });
    await isShown('session-store');

    await isBack();
    const entered = await eventually(async () => {
      const answer = await lastStep();
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(await statusOfSession({ ...coming, grant: entered.body as unknown as Grant })).toBe(200);
    expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
    await everythingWorks();
  });

  test('PostgreSQL; sessions are checked and refreshed, what needs it is refused, and all catches up', async () => {
    const staying = await signedIn();
    expect(await statusOfSession(staying)).toBe(200);
    await breaks('postgres', way);
    const checked = await timed(() => whoAmI(staying));
    expect(checked.status).toBe(200);
    expect(checked.ms).toBeLessThan(atOnce);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await refusedInTime(() => startLogin(stack.client(), staying.email), 'database-unavailable', told.postgres);
    }
    await isShown('database');
    expect((await refresh(staying)).status).toBe(200);

    await isBack();
    await everythingWorks();
    expect(await statusOfSession(staying)).toBe(200);
  });

  test('EventStoreDB; sessions are verified, commands are refused, and workers go on where they were', async () => {
    const [staying, leaving] = [await signedIn(), await signedIn()];
    await breaks('event-store', way);
    for (const command of [() => logOut(leaving), () => startLogin(staying.client, staying.email)]) {
      await refusedInTime(command, 'event-store-unavailable', told['event-store']);
    }
    const checked = await timed(() => whoAmI(staying));
    expect(checked.status).toBe(200);
    expect(checked.ms).toBeLessThan(atOnce);
    await isShown('event-store');

    await isBack();
    await everythingWorks();
    // Where only the answer was lost, the session has ended by now.
    expect([204, 401]).toContain((await logOut(leaving)).status);
    expect(await statusOfSession(leaving)).toBe(401);
  });
});
