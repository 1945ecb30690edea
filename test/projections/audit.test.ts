import type { ClientBase } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Recorded } from '../../src/application/ports.ts';
import { auditEvent, streamSeen } from '../../src/projections/audit-event.ts';
import { auditEvents, auditStream } from '../../src/projections/audit-queries.ts';
import { auditSelect, rangeSelect, type AuditFilter, type Visibility } from '../../src/projections/audit-select.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog } from './log.ts';
import { completeLogin, login, person, register, startLogin, time, verify } from './story.ts';
import { personalData, start } from './support.ts';

let database: TestDatabase;
const log = testLog();
const people = 30;
let chain: Record<'first' | 'second' | 'third' | 'other', Recorded>;

function joined(n: number, context: Partial<Context>): Recorded {
  const { teamId, roleId } = person(20);
  const data = { teamId, userId: person(n).userId, roleId, at: time(1) };
  return log.append(`team-${teamId}`, { type: 'MemberAdded', data }, { context });
}

beforeAll(async () => {
  database = await freshDatabase();
  for (let n = 1; n <= people; n += 1) {
    register(log, n, time(n * 3600));
    verify(log, n, time(n * 3600 + 60));
    startLogin(log, n, 1, time(n * 3600 + 120));
    completeLogin(log, n, 1, time(n * 3600 + 180));
  }
  const data = (n: number, k: number) => ({
    sessionId: login(n, k).sessionId,
    userId: person(n).userId,
    teamId: person(20).teamId,
  });
  const refreshed = (n: number, k: number, context = {}) =>
    log.append(
      `sessions-${person(n).userId}`,
      { type: 'SessionRefreshed', data: { ...data(n, k), generation: k, at: time(k) } },
      { context, sealed: { ipHash: `address-of-${String(n)}` } },
    );
  refreshed(1, 7);
  refreshed(2, 7);
  const request = id(0xfeed);
  const first = joined(22, { correlationId: request, causationId: request });
  const second = log.append(
    `email-${id(5)}`,
    {
      type: 'EmailSendStarted',
      data: { messageId: id(5), userId: person(8).userId, template: 'new-device', attempt: 1, at: time(1) },
    },
    { context: { correlationId: request, causationId: first.id } },
  );
  const third = joined(23, { correlationId: request, causationId: second.id });
  const other = log.append(
    `email-${id(6)}`,
    {
      type: 'EmailSendStarted',
      data: { messageId: id(6), userId: person(8).userId, template: 'new-device', attempt: 1, at: time(1) },
    },
    { context: { correlationId: request, causationId: request } },
  );
  chain = { first, second, third, other };
  const projector = start(database.pool, log, all);
  await projector.caughtUp();
  await projector.stop();
  // Plans are asked for as on a table of unknown size: with statistics, reading so few rows whole would be cheapest.
  const { rows } = await database.pool.query<{ live: string }>(
    "select format('%I.%I', schemaname, tablename) as live from pg_tables where tablename = 'audit_log'",
  );
  for (const { live } of rows) await database.pool.query(`alter table ${live} set (autovacuum_enabled = off)`);
});
afterAll(() => database.drop());

const readers = (...erased: string[]) => ({ pool: database.pool, personalData: personalData(erased) });
const find = async (filter: AuditFilter, visibleTo: Visibility = 'all') =>
  (await auditEvents(readers(), filter, { limit: 1000 }, visibleTo)).items;

async function planOf(client: ClientBase, text: string, values: unknown[]): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(`explain ${text}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('the audit log', () => {
  test('has an entry for every event, in the shape that clients build on', async () => {
    const entries = await find({});
    expect(entries.map(({ eventId }) => eventId)).toEqual(log.recorded.map((recorded) => recorded.id).toReversed());
    const { userId, deviceId } = person(2);
    const started = log.recorded.find(({ event }) => event.type === 'LoginStarted' && event.data.userId === userId);
    expect(entries.find(({ eventId }) => eventId === started?.id)).toEqual({
      eventId: started?.id,
      position: String(started?.position),
      type: 'LoginStarted',
      occurredAt: time(2 * 3600 + 120),
      actor: { kind: 'user', userId },
      subject: userId,
      teamId: null,
      sessionId: null,
      deviceId,
      requestId: 'request-1',
      correlationId: started?.id,
      causationId: started?.id,
      ip: '203.0.113.7',
      userAgent: 'Firefox',
      place: 'Berlin, DE',
      data: started?.event.data,
      summary: 'Person 2 gave the right password on a trusted device',
    });
  });

  test('opens personal fields for those who may see the entry, until the person is erased', async () => {
    const { userId } = person(3);
    const filter = { subject: userId, type: ['RegistrationSubmitted'] };
    const [entry] = await find(filter);
    expect(entry?.data).toMatchObject({ email: 'p3@example.com', name: 'Person 3' });
    expect(entry?.summary).toBe('Person 3 asked for an account and a team Acme');
    const erased = await auditEvents(readers(userId), filter, { limit: 1 }, 'all');
    expect(erased.items[0]).toMatchObject({ ip: null, userAgent: null, place: null });
    expect(erased.items[0]?.data).toMatchObject({ email: null, name: null });
    expect(erased.items[0]?.summary).toBe(`User ${userId} asked for an account`);
  });

  test('is searched by team, actor, subject, type, session, device and time', async () => {
    const { userId, teamId, deviceId } = person(4);
    const matching = (test: (data: Record<string, unknown>) => boolean) =>
      log.recorded.filter(({ event }) => test(event.data)).length;
    expect(await find({ team: teamId })).toHaveLength(matching((data) => data['teamId'] === teamId));
    expect(await find({ subject: userId })).toHaveLength(
      matching((data) => (data['userId'] ?? data['createdBy']) === userId),
    );
    expect(await find({ actor: userId })).toHaveLength(3);
    expect(await find({ type: ['TeamCreated'] })).toHaveLength(people);
    expect(await find({ session: login(4, 1).sessionId })).toHaveLength(2);
    expect(await find({ device: deviceId, type: ['LoginStarted'] })).toHaveLength(1);
    const hour = await find({ from: new Date(time(7 * 3600)), to: new Date(time(8 * 3600)) });
    expect(hour).toHaveLength(Math.floor(log.recorded.length / people));
    expect(new Set(hour.map(({ subject }) => subject))).toEqual(new Set([person(7).userId, null]));
    expect((await find({ team: teamId, type: ['SessionStarted'] }))[0]?.summary).toBe(
      'A session of Person 4 in team Team 4 started',
    );
  });

  test('shows to a person the entries of their teams and those about them or by them, once each', async () => {
    const [five, six] = [person(5), person(6)];
    const seen = await find({}, { teamIds: [five.teamId], userId: six.userId });
    const expected = log.recorded.filter(({ event, context }) => {
      const data: Record<string, unknown> = event.data;
      const about = data['userId'] ?? data['createdBy'];
      const by = context.actor.kind === 'user' && context.actor.userId;
      return data['teamId'] === five.teamId || about === six.userId || by === six.userId;
    });
    expect(seen.map(({ eventId }) => eventId)).toEqual(expected.map((recorded) => recorded.id).toReversed());
    expect(await find({ subject: person(9).userId }, { teamIds: [five.teamId], userId: six.userId })).toEqual([]);
    expect(await find({}, { teamIds: [], userId: id(404) })).toEqual([]);
  });

  test.each(['newest-first', 'oldest-first'] as const)(
    'is read page by page, %s, nothing lost or doubled',
    async (order) => {
      const visibleTo = { teamIds: [person(5).teamId, person(6).teamId], userId: person(7).userId };
      const whole = await auditEvents(readers(), {}, { limit: 1000, order }, visibleTo);
      const paged: string[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await auditEvents(readers(), {}, { limit: 4, cursor, order }, visibleTo);
        paged.push(...page.items.map(({ eventId }) => eventId));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      expect(paged).toEqual(whole.items.map(({ eventId }) => eventId));
      expect(whole.items.length).toBeGreaterThan(15);
    },
  );

  test('shows one stream', async () => {
    const stream = `team-${person(8).teamId}`;
    const { items } = await auditStream(readers(), stream, { limit: 10, order: 'oldest-first' }, 'all');
    expect(items.map(({ type }) => type)).toEqual(['TeamCreated', 'RoleAdded', 'MemberAdded']);
    const stranger = { teamIds: [], userId: person(9).userId };
    expect((await auditStream(readers(), stream, { limit: 10 }, stranger)).items).toEqual([]);
  });

  test('is searched by several types, by request, by cause, and by the address of the client', async () => {
    const both = await find({ type: ['TeamCreated', 'EmailVerified'] });
    expect(both).toHaveLength(2 * people);
    expect(both.map(({ position }) => Number(position))).toEqual(
      both.map(({ position }) => Number(position)).toSorted((one, other) => other - one),
    );
    const own = { teamIds: [], userId: person(3).userId };
    expect(await find({ type: ['TeamCreated', 'EmailVerified'] }, own)).toHaveLength(2);
    const { id: eventId } = log.recorded[10] ?? expect.fail();
    expect((await find({ correlation: eventId })).map((entry) => entry.eventId)).toEqual([eventId]);
    expect((await find({ causation: eventId })).map((entry) => entry.eventId)).toEqual([eventId]);

    const at = log.recorded.filter(
      ({ sealed }) => sealed?.ipHash === 'address-of-1' || sealed?.ipHash === 'address-of-2',
    );
    const byAddress = { ipHashes: ['address-of-1', 'address-of-2', 'address-of-nobody'] };
    expect((await find(byAddress)).map((entry) => entry.eventId)).toEqual(at.map(({ id }) => id).toReversed());
    expect(at.length).toBe(2);
    const oneOfThem = { teamIds: [], userId: person(1).userId };
    expect(await find(byAddress, oneOfThem)).toHaveLength(1);
    expect(await find({ ipHashes: [] })).toEqual([]);
  });

  describe('one event', () => {
    const family = () => {
      const [request] = log.recorded.filter(({ event }) => event.type === 'EmailVerified');
      return { request: request ?? expect.fail(), ...chain };
    };

    test('comes with what caused it, what followed, and what else its request did', async () => {
      const { first, second, third, other } = family();
      const found = (await auditEvent(readers(), second.id, 'all')) ?? expect.fail();
      expect(found).toMatchObject({ stream: second.stream, revision: String(second.revision) });
      expect(found.event.eventId).toBe(second.id);
      const ids = (entries: readonly { eventId: string }[]) => entries.map(({ eventId }) => eventId);
      expect(ids(found.causes)).toEqual([first.id]);
      expect(ids(found.consequences)).toEqual([third.id]);
      expect(ids(found.sameRequest)).toEqual([other.id]);
      const last = (await auditEvent(readers(), third.id, 'all')) ?? expect.fail();
      expect(ids(last.causes)).toEqual([second.id, first.id]);
    });

    test('shows of them what its reader may see, and nothing to others', async () => {
      const { first, second, third } = family();
      const stranger = { teamIds: [person(9).teamId], userId: person(9).userId };
      expect(await auditEvent(readers(), second.id, stranger)).toBeUndefined();
      expect(await auditEvent(readers(), id(0xdead), 'all')).toBeUndefined();
      const member = { teamIds: [person(20).teamId], userId: person(21).userId };
      const found = (await auditEvent(readers(), third.id, member)) ?? expect.fail();
      expect(found.causes.map(({ eventId }) => eventId)).toEqual([first.id]);
      const at = String(third.position);
      expect(await streamSeen(database.pool, first.stream, at, member)).toEqual({ events: 5, visible: 5 });
      expect(await streamSeen(database.pool, second.stream, at, member)).toMatchObject({ visible: 0 });
    });
  });

  test.each<[string, AuditFilter, string]>([
    ['team', { team: person(2).teamId }, 'team_id'],
    ['actor', { actor: person(2).userId }, 'actor_id'],
    ['subject', { subject: person(2).userId }, 'subject_id'],
    ['type', { type: ['LoginStarted'] }, 'type'],
    ['several types', { type: ['LoginStarted', 'TeamCreated'] }, 'type'],
    ['session', { session: login(4, 1).sessionId }, 'session_id'],
    ['device', { device: person(2).deviceId }, 'device_id'],
    ['stream', { stream: `user-${person(2).userId}` }, 'stream'],
    ['correlation', { correlation: id(77) }, 'correlation_id'],
    ['causation', { causation: id(77) }, 'causation_id'],
    ['address', { ipHashes: ['address-of-1'] }, 'ip_hash'],
    ['from', { from: new Date(time(3 * 3600)) }, 'position'],
    ['to', { to: new Date(time(3 * 3600)) }, 'position'],
    ['nothing', {}, 'position'],
  ])('is searched by %s along an index in the order of the log', async (_name, filter, column) => {
    const client = await database.pool.connect();
    try {
      // As on a log that is too long to read or to sort: thirty people fit on one page.
      await client.query('set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off');
      const window = { order: 'newest-first', after: '900', limit: 51 } as const;
      const { text, values } = auditSelect(filter, 'all', window);
      const plan = await planOf(client, text, values);
      expect(plan).toMatch(new RegExp(`Index Cond: .*\\("?${column}"? [=<>]`));
      expect(plan).toMatch(/Index Cond: .*"position" </);
      expect(plan).not.toContain('Seq Scan on audit_log');
    } finally {
      client.release(true);
    }
  });

  test('is searched along its indexes, never by reading or sorting it all', async () => {
    const window = { order: 'newest-first', after: undefined, limit: 51 } as const;
    const team = { teamIds: [person(1).teamId], userId: person(1).userId };
    const filters: AuditFilter[] = [
      {},
      { type: ['LoginStarted'] },
      { to: new Date(time(3600)) },
      { actor: person(2).userId },
    ];
    const client = await database.pool.connect();
    try {
      await client.query('set enable_seqscan = off; set enable_bitmapscan = off');
      for (const visibleTo of ['all', team] as const) {
        for (const filter of filters) {
          const { text, values } = auditSelect(filter, visibleTo, window);
          const plan = await planOf(client, text, values);
          expect(plan).toContain('Index Scan');
          expect(plan).not.toContain('Seq Scan on audit_log');
        }
      }
      const range = rangeSelect({ from: new Date(time(3 * 3600)), to: new Date(time(4 * 3600)) });
      const found = await planOf(client, range.text, range.values);
      expect(found.match(/Index Cond: \(occurred_at [<>]/g)).toHaveLength(2);
    } finally {
      client.release(true);
    }
  });
});
