import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventType } from '../../src/domain/events.ts';
import { accessHistory } from '../../src/projections/access-history.ts';
import {
  accessCursor,
  accessDiffCursor,
  accessDiffPage,
  accessPage,
  type AccessPage,
} from '../../src/projections/access-pages.ts';
import { accessAt, type Access } from '../../src/projections/access-queries.ts';
import type { AccessScope, Span } from '../../src/projections/access-rows.ts';
import { InvalidCursor } from '../../src/projections/cursor.ts';
import { auditLog } from '../../src/projections/audit-log.ts';
import { asOf } from '../../src/projections/moments.ts';
import { users } from '../../src/projections/users.ts';
import { anyHistory, live, people, replayed, someOfEach, teams } from './access-world.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { testLog, type TestLog } from './log.ts';
import { time } from './story.ts';
import { personalData, start } from './support.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const readers = () => ({ pool: database.pool, personalData: personalData() });
const at = (scope: { team?: string; user?: string }, position: bigint, permission?: string) =>
  accessAt(readers(), scope, String(position), permission);

const compared = (scope: AccessScope, between: Span, page: AccessPage = { limit: 50 }) =>
  accessDiffPage(readers(), scope, between, page);

async function projected(log: TestLog): Promise<void> {
  await database.pool.query('truncate engine.projection_checkpoint cascade');
  await database.pool.query(
    `do $$ declare s text; begin for s in select nspname from pg_namespace where nspname like 'rm\\_%' loop
       execute 'drop schema ' || s || ' cascade'; end loop; end $$`,
  );
  const projector = start(database.pool, log, [accessHistory, auditLog, users]);
  await projector.caughtUp();
  await projector.stop();
}

const facts = ({ userId, teamId, teamName, roleId, roleName, grants, permissions }: Access) => ({
  ...{ userId, teamId, teamName, roleId, roleName, grants, permissions },
});
const sorted = <T extends { userId: string; teamId: string }>(items: readonly T[]) =>
  items.toSorted((one, other) => (one.teamId + one.userId < other.teamId + other.userId ? -1 : 1));

test('whatever happens, at every position it says what a replay of the streams says', async () => {
  const seen = new Set<EventType>();
  await fc.assert(
    fc.asyncProperty(anyHistory, async (draws) => {
      const log = testLog();
      live(log, draws);
      await projected(log);
      for (const [index, { position, event }] of log.recorded.entries()) {
        seen.add(event.type);
        const until = log.recorded.slice(0, index + 1);
        const expected = replayed(until);
        const found = (await Promise.all(teams.map((team) => at({ team }, position)))).flat();
        expect(sorted(found.map(facts))).toEqual(sorted(expected));
        const ids = until.map(({ id }) => id);
        for (const { because, since } of found) {
          expect(ids).toEqual(expect.arrayContaining([...because]));
          expect(since.eventId).toBe(because.at(-1));
        }
      }
      const everywhere = (await Promise.all(people.map((user) => at({ user }, log.head)))).flat();
      expect(sorted(everywhere.map(facts))).toEqual(sorted(replayed(log.recorded)));
      const admins = (await Promise.all(teams.map((team) => at({ team }, log.head, 'system.admin')))).flat();
      expect(sorted(admins.map(facts))).toEqual(
        sorted(replayed(log.recorded).filter(({ permissions }) => permissions.includes('system.admin'))),
      );
    }),
    { numRuns: 8, examples: [[someOfEach]] },
  );
  // Otherwise this has looked at nothing.
  expect([...seen]).toEqual(
    expect.arrayContaining(['RoleAdded', 'MemberJoined', 'MemberRoleChanged', 'MemberLeft', 'PermissionAdded']),
  );
}, 120_000);

describe('a team over some days', () => {
  const [ada, bob, cat] = people as [string, string, string];
  const [team] = teams as [string];
  const log = testLog();
  let said: Record<string, { id: string; position: bigint }>;

  beforeAll(async () => {
    const role = (n: number, name: string, grants: string[], day: number) => ({
      ...{
        teamId: team,
        roleId: `00000000-0000-7000-8000-00000000300${String(n)}`,
        name,
        grants,
        at: time(day * 86_400),
      },
    });
    const [owner, editor] = [role(0, 'Owner', ['*'], 0), role(1, 'Editor', ['site.*'], 1)];
    const append = (...given: Parameters<TestLog['append']>) => log.append(...given);
    const stream = `team-${team}`;
    const day = (n: number) => time(n * 86_400);
    const permission = (name: string, n: number) =>
      append('permission_catalogue', {
        type: 'PermissionAdded',
        data: { permission: name, description: name, at: day(n) },
      });
    const joins = (userId: string, { roleId }: { roleId: string }, n: number) =>
      append(stream, { type: 'MemberAdded', data: { teamId: team, userId, roleId, at: day(n) } });
    said = {
      create: permission('site.create', 0),
      created: append(stream, {
        type: 'TeamCreated',
        data: { teamId: team, name: 'Acme', createdBy: ada, at: day(0) },
      }),
      owner: append(stream, { type: 'RoleAdded', data: { ...owner, kind: 'owner' } }),
      ada: joins(ada, owner, 0),
      editor: append(stream, { type: 'RoleAdded', data: { ...editor, kind: 'custom' } }),
      bob: joins(bob, editor, 2),
      cat: joins(cat, editor, 3),
      edit: permission('site.edit', 4),
      lost: append(stream, {
        type: 'MemberLeft',
        data: { teamId: team, userId: cat, roleId: editor.roleId, at: day(5) },
      }),
      promoted: append(stream, {
        type: 'MemberRoleChanged',
        data: {
          teamId: team,
          userId: bob,
          fromRoleId: editor.roleId,
          roleId: owner.roleId,
          reason: 'changed',
          at: day(6),
        },
      }),
      out: append(`user-${bob}`, { type: 'UserDeactivated', data: { userId: bob, at: day(7) } }),
      back: append(`user-${bob}`, { type: 'UserReactivated', data: { userId: bob, at: day(8) } }),
      closed: append(stream, { type: 'TeamClosed', data: { teamId: team, at: day(9) } }),
    };
    await projected(log);
  });

  const position = (name: string) => said[name]?.position ?? expect.fail(name);
  const ids = (...names: string[]) => names.map((name) => said[name]?.id);
  const span = (after: string, upTo: string) => ({ after: String(position(after)), upTo: String(position(upTo)) });

  test('names the events that made it so', async () => {
    const [found] = await at({ user: bob }, position('cat'));
    expect(found).toMatchObject({ roleName: 'Editor', permissions: ['site.create'], because: ids('editor', 'bob') });
    expect(found?.since).toEqual({
      eventId: ids('bob')[0],
      position: String(position('bob')),
      at: expect.any(String) as string,
    });
    const [editing] = await at({ user: bob }, position('edit'), 'site.edit');
    expect(editing).toMatchObject({ permissions: ['site.create', 'site.edit'], because: ids('editor', 'bob', 'edit') });
    expect(await at({ user: bob }, position('cat'), 'site.edit')).toEqual([]);
    expect((await at({ user: bob }, position('back')))[0]?.because).toEqual(ids('owner', 'promoted', 'back'));
  });

  test('a person who is kept out, or whose team is closed, can do nothing', async () => {
    expect(await at({ user: bob }, position('out'))).toEqual([]);
    expect((await at({ team }, position('out'))).map(({ userId }) => userId)).toEqual([ada]);
    expect(await at({ team }, position('closed'))).toEqual([]);
    expect(await at({}, position('back'))).toEqual([]);
  });

  test('a time is the last event recorded at or before it', async () => {
    const moment = (seconds: number) => asOf(database.pool, { at: new Date(Date.parse(time(seconds * 86_400)) + 5) });
    expect((await moment(6)).position).toBe(String(position('promoted')));
    expect((await moment(5.999)).position).toBe(String(position('lost')));
    expect(await asOf(database.pool, { at: new Date(0) })).toEqual({ position: '0', at: null });
    expect((await asOf(database.pool, {})).position).toBe(String(position('closed')));
    expect(await asOf(database.pool, { position: position('lost') + 1n })).toMatchObject({
      at: new Date(Date.parse(time(5 * 86_400)) + 5).toISOString(),
    });
  });

  test('two moments are compared: gained, lost and changed, by which events', async () => {
    const grown = await compared({ team }, span('editor', 'cat'));
    expect(grown.gained.map(({ userId, events }) => [userId, ...events])).toEqual([
      [bob, ...ids('bob')],
      [cat, ...ids('cat')],
    ]);
    const later = await compared({ team }, span('cat', 'promoted'));
    expect(later.lost.map(({ userId, events }) => [userId, ...events])).toEqual([[cat, ...ids('lost')]]);
    expect(later.changed.map(({ after, events }) => [after.userId, ...events])).toEqual([
      [ada, ...ids('edit')],
      [bob, ...ids('edit', 'promoted')],
    ]);
    expect(later.changed[0]).toMatchObject({ gainedPermissions: ['site.edit'], lostPermissions: [] });
    const away = await compared({ user: bob }, span('promoted', 'out'));
    expect(away.lost.map(({ events }) => events)).toEqual([ids('out')]);
    const end = await compared({ team }, span('back', 'closed'));
    expect(end.lost.map(({ userId, events }) => [userId, ...events])).toEqual([
      [ada, ...ids('closed')],
      [bob, ...ids('closed')],
    ]);
    const nothing = await compared({ team }, span('out', 'out'));
    expect(nothing).toEqual({ gained: [], lost: [], changed: [] });
  });

  test('pages go through all of it, one member a page, and stay on their moment', async () => {
    const then = position('cat');
    const whole = await at({ team }, then);
    expect(whole).toHaveLength(3);
    const seen: Access[] = [];
    let cursor: string | undefined;
    do {
      const { position: of, after } = accessCursor(cursor) ?? { position: String(then) };
      const page = await accessPage(readers(), { team }, of, { after, limit: 1 });
      expect(page.items).toHaveLength(1);
      seen.push(...page.items);
      cursor = page.nextCursor;
      if (cursor !== undefined) expect(accessCursor(cursor)?.position).toBe(String(then));
    } while (cursor !== undefined);
    expect(seen).toEqual(whole);
  });

  test('a comparison is paged too, over all that it lists', async () => {
    const whole = await compared({ team }, span('cat', 'promoted'));
    const first = await compared({ team }, span('cat', 'promoted'), { limit: 2 });
    const goesOn = accessDiffCursor(first.nextCursor);
    expect(goesOn?.span).toEqual(span('cat', 'promoted'));
    const second = await compared({ team }, span('cat', 'promoted'), { after: goesOn?.after, limit: 2 });
    expect(second.nextCursor).toBeUndefined();
    expect([first.changed.length + first.lost.length, second.changed.length + second.lost.length]).toEqual([2, 1]);
    expect([...first.changed, ...second.changed]).toEqual(whole.changed);
    expect([...first.lost, ...second.lost]).toEqual(whole.lost);
  });

  test('those whom a permission leaves out, be they many, do not end a page early', async () => {
    const { pool } = database;
    // Members who can do nothing, and in the order before everybody else.
    await pool.query(
      `insert into read_model.access_members (team_id, user_id, position, event_id, at, role_id)
       select $1, ('00000000-0000-7000-0000-' || lpad(n::text, 12, '0'))::uuid, 0, gen_random_uuid(), now(),
         gen_random_uuid() from generate_series(1, 1100) n`,
      [team],
    );
    const page = await accessPage(readers(), { team }, String(position('cat')), { limit: 2 });
    await pool.query('delete from read_model.access_members where position = 0');
    expect(page.items.map(({ userId }) => userId)).toEqual([ada, bob]);
    expect(page.nextCursor).toBeDefined();
  });

  test('only cursors that an answer gave are taken', () => {
    const of = (mark: string) => Buffer.from(mark).toString('base64url');
    for (const wrong of [of('42'), of(`x ${team} ${bob}`), of(`4 5 ${team} ${bob}`), 'abc', of(`4 ${team} ${team}'`)]) {
      expect(() => accessCursor(wrong)).toThrow(InvalidCursor);
    }
    expect(() => accessDiffCursor(of(`4 ${team} ${bob}`))).toThrow(InvalidCursor);
    expect(accessCursor(undefined)).toBeUndefined();
  });
});
