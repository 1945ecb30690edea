import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakable, type BreakableServer } from '../adapters/servers.ts';
import { openEventLog } from './event-log.ts';
import { call, eventually, mailsTo, register, startLogin, type Answer, type Grant } from './journey.ts';
import { expectUnavailable, outagesOf, timed, type SignedIn } from './outages.ts';
import { problemOf } from './persistence.ts';
import { startOwnServers, type OwnServers, type ServerName } from './servers.ts';
import { startStack, type ProcessName, type Stack } from './stack.ts';

/** Milliseconds until somebody who needs what hangs is told so: one and a half or two seconds, the rest is for the machine. */
const told = { database: 2500, 'event-store': 3000 };
/** Session checks do not wait for it, and once the circuit is open nobody does. */
const atOnce = 1000;

let servers: OwnServers;
/** PostgreSQL as the service sees it; the event store, which lives in the same server, has its own way there. */
let wire: BreakableServer;
let logWire: BreakableServer;
let stack: Stack;
const closing: (() => Promise<void>)[] = [];
const { signedIn, whoAmI, statusOfSession, logOut, refresh, atTheDoor, readiness, livez, circuit, everythingWorks } =
  outagesOf(() => stack);

beforeAll(async () => {
  servers = await startOwnServers();
  closing.push(() => servers.stop());
  wire = await breakable(servers.urls.postgres);
  closing.push(() => wire.close());
  logWire = await breakable(servers.urls.eventStore.replace('esdb:', 'http:'));
  closing.push(() => logWire.close());
  const eventStore = logWire.url.replace('http:', 'esdb:');
  stack = await startStack({ servers: { ...servers.urls, postgres: wire.url, eventStore } });
  closing.push(() => stack.stop());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function whileHanging(name: ServerName, run: () => Promise<void>): Promise<void> {
  await servers.hang(name);
  try {
    await run();
  } finally {
    await servers.goOn(name);
  }
}

async function isShown(dependency: string): Promise<void> {
  expect(await livez()).toBe(true);
  await eventually(async () => {
    expect(await readiness()).toMatchObject({ status: 503, dependencies: { [dependency]: { status: 'down' } } });
    expect(await circuit(dependency)).toBeGreaterThan(0);
  });
}

test('Redis hangs: sessions go on and can be ended, new ones are refused within a second', async () => {
  const [staying, leaving, coming] = [await signedIn(), await signedIn(), await signedIn()];
  const lastStep = await atTheDoor(coming);
  await whileHanging('redis', async () => {
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const answer = await timed(lastStep);
      expectUnavailable(answer, 'session-store-unavailable');
      expect(answer.ms).toBeLessThan(1000);
    }
    expect(await statusOfSession(staying)).toBe(200);
    expect((await logOut(leaving)).status).toBe(204);
    expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
    await isShown('session-store');
  });
  const entered = await eventually(async () => {
    const answer = await lastStep();
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(await statusOfSession({ ...coming, grant: entered.body as unknown as Grant })).toBe(200);
  expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
  await everythingWorks();
});

test('the event store hangs: sessions are verified, commands are refused in time', async () => {
  const [staying, other] = [await signedIn(), await signedIn()];
  await whileHanging('event-store', async () => {
    const first = await timed(() => refresh(staying));
    expectUnavailable(first, 'event-store-unavailable');
    expect(first.ms).toBeLessThan(told['event-store']);
    const commands = Array.from({ length: 20 }, () => timed(() => startLogin(other.client, other.email)));
    for (const answer of await Promise.all(commands)) {
      expectUnavailable(answer, 'event-store-unavailable');
      expect(answer.ms).toBeLessThan(told['event-store']);
    }
    for (const who of [staying, other]) {
      const checked = await timed(() => whoAmI(who));
      expect(checked.status).toBe(200);
      expect(checked.ms).toBeLessThan(atOnce);
    }
    await isShown('event-store');
  });
  await everythingWorks();
});

test('a command takes effect after its refusal: repeated with its key, it is done once', async () => {
  const owner = await signedIn();
  const create = () =>
    call(owner.client, 'POST', '/v1/teams', {
      body: { name: 'Slow Bridges' },
      bearer: owner.grant.accessToken,
      headers: { 'idempotency-key': 'one-slow-team' },
    });
  logWire.deafAfter('TeamCreated');
  const refused = await create();
  expectUnavailable(refused, 'event-store-unavailable');
  await logWire.heal();
  const created = await eventually(async () => {
    const answer = await create();
    expect(answer.status).toBe(201);
    return answer;
  });
  const log = openEventLog(stack);
  try {
    const made = (await log.ofType('TeamCreated')).filter(({ data }) => data['name'] === 'Slow Bridges');
    expect(made.map(({ data }) => data['teamId'])).toEqual([created.body['teamId']]);
    // It was there before it was asked for again.
    expect(made[0]?.metadata['requestId']).toBe(refused.headers.get('x-request-id'));
  } finally {
    await log.close();
  }
});

describe('PostgreSQL hangs', () => {
  test('as a socket that takes everything and says nothing: what needs no database works', async () => {
    const [staying, other] = [await signedIn(), await signedIn()];
    wire.hang();
    try {
      const checked = await timed(() => whoAmI(staying));
      expect(checked.status).toBe(200);
      expect(checked.body['user']).toMatchObject({ userId: staying.grant.session.userId });
      expect(checked.ms).toBeLessThan(atOnce);
      const waiting = Array.from({ length: 20 }, () => timed(() => startLogin(stack.client(), other.email)));
      for (const answer of await Promise.all(waiting)) {
        expectUnavailable(answer, 'database-unavailable');
        expect(answer.ms).toBeLessThan(told.database);
      }
      const permissions = { permissions: ['site.create'] };
      const bearer = staying.grant.accessToken;
      const allowed = await call(staying.client, 'POST', '/v1/authorize', { body: permissions, bearer });
      expect(allowed.status).toBe(200);
      await isShown('database');
      // The log and the session store are all that it takes.
      const refreshed = await timed(() => refresh(staying));
      expect(refreshed.status).toBe(200);
      expect(refreshed.ms).toBeLessThan(told.database);
      const ended = await timed(() => logOut(other));
      expect(ended.status, JSON.stringify(ended.body)).toBe(204);
      expect(problemOf(await whoAmI(other))).toBe('session-revoked');
    } finally {
      await wire.heal();
    }
    await everythingWorks();
  });

  test('as stopped processes, and the event store with it: answers stay in time, all catches up', async () => {
    const staying = await signedIn();
    // Whoever was here before is known to the session store and to the process.
    expect(await statusOfSession(staying)).toBe(200);
    await whileHanging('postgres', async () => {
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const answer = await timed(() => startLogin(staying.client, staying.email));
        expect(answer.status).toBe(503);
        expect(answer.ms).toBeLessThan(told['event-store']);
        const checked = await timed(() => whoAmI(staying));
        expect(checked.status).toBe(200);
        expect(checked.ms).toBeLessThan(atOnce);
      }
      // One may be the call that tries again.
      const later = Array.from({ length: 10 }, () => timed(() => startLogin(staying.client, staying.email)));
      const waited = (await Promise.all(later)).filter(({ ms }) => ms > atOnce);
      expect(waited.length).toBeLessThanOrEqual(2);
      await isShown('database');
    });
    await everythingWorks();
  });
});

test('the mail provider hangs: nothing else waits for it, and every mail arrives once', async () => {
  const email = 'waiting@example.com';
  const mode = (body: object) =>
    fetch(`${stack.mailboxUrl}/__control`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const someone = await signedIn();
  await mode({ mode: 'hang', when: 'after' });
  const answer = await timed(() => register(stack.client(), email));
  expect(answer.status).toBe(202);
  expect(answer.ms).toBeLessThan(told.database);
  expect(await statusOfSession(someone)).toBe(200);
  await eventually(async () => {
    expect(await mailsTo(stack.client(), email)).toHaveLength(1);
  });
  await mode({ mode: 'ok' });
  await eventually(async () => {
    const { rows } = await stack.database.pool.query<{ status: string }>(
      'select status from read_model.email_deliveries order by position desc limit 1',
    );
    expect(rows).toEqual([{ status: 'sent' }]);
  }, 30_000);
  expect(await mailsTo(stack.client(), email)).toHaveLength(1);
});

describe('a process of the service is stopped', () => {
  async function whileStopped(name: ProcessName, run: () => Promise<void>): Promise<void> {
    const pid = stack.pidOf(name) ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGSTOP');
    try {
      await run();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  const ownSessions = (who: SignedIn, readAfter = '0') =>
    call(who.client, 'GET', '/v1/sessions', {
      bearer: who.grant.accessToken,
      headers: { 'read-after': readAfter },
    });

  test('the projector: commands work, whoever waits for a read model is told, and it catches up', async () => {
    const [staying, other] = [await signedIn(), await signedIn()];
    let position = '0';
    await whileStopped('projector', async () => {
      const refreshed = await timed(() => refresh(staying));
      expect(refreshed.status).toBe(200);
      expect(refreshed.ms).toBeLessThan(atOnce);
      position = refreshed.headers.get('event-position') ?? '';
      expect(position).toMatch(/^\d+$/);
      const behind = await timed(() => ownSessions(other, position));
      expectUnavailable(behind, 'read-model-behind');
      expect(behind.ms).toBeLessThan(told['event-store']);
      expect((await logOut(staying)).status).toBe(204);
      expect(problemOf(await whoAmI(staying))).toBe('session-revoked');
      expect(await statusOfSession(other)).toBe(200);
    });
    await eventually(async () => {
      expect((await ownSessions(other, position)).status).toBe(200);
    });
    await everythingWorks();
  });

  test('the worker: what needs no mail works, and each mail leaves once when it goes on', async () => {
    const email = 'late@example.com';
    const someone = await signedIn();
    await whileStopped('worker', async () => {
      expect((await register(stack.client(), email)).status).toBe(202);
      expect((await refresh(someone)).status).toBe(200);
      expect(await statusOfSession(someone)).toBe(200);
      expect(await mailsTo(stack.client(), email)).toEqual([]);
    });
    await eventually(async () => {
      expect(await mailsTo(stack.client(), email)).toHaveLength(1);
    });
    await everythingWorks();
    expect(await mailsTo(stack.client(), email)).toHaveLength(1);
  });

  test('one of two APIs: the other serves, and what was ended there is over here when it goes on', async () => {
    await stack.start('second-api');
    const [leaving, staying] = [await signedIn(), await signedIn()];
    // It remembers both.
    for (const who of [leaving, staying]) expect(await statusOfSession(who)).toBe(200);
    const elsewhere = { ...leaving, client: { ...leaving.client, apiUrl: stack.urlOf('second-api') } };
    let early: Promise<Answer> | undefined;
    await whileStopped('api', async () => {
      early = whoAmI(leaving);
      expect((await logOut(elsewhere)).status).toBe(204);
      expect(problemOf(await whoAmI(elsewhere))).toBe('session-revoked');
    });
    expect(problemOf((await early) as Answer)).toBe('session-revoked');
    expect(problemOf(await whoAmI(leaving))).toBe('session-revoked');
    expect(await statusOfSession(staying)).toBe(200);
    await everythingWorks();
  });
});
