import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkAll, listParked, rebuild, retryAllParked, showStatus } from '../../src/cli/projections.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { testLog, type TestLog } from './log.ts';
import { completeLogin, person, register, startLogin, time, verify } from './story.ts';
import { silent, start, type Running } from './support.ts';
import { users } from '../../src/projections/users.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeEach(async () => {
  database = await freshDatabase();
  log = testLog();
  for (let n = 1; n <= 5; n += 1) {
    register(log, n);
    verify(log, n);
    startLogin(log, n, 1);
    completeLogin(log, n, 1);
  }
  running = start(database.pool, log, all);
  await running.caughtUp();
});
afterEach(async () => {
  await running.stop();
  await database.drop();
});

function terminal(isTTY: boolean) {
  const out = Object.assign(new PassThrough(), { isTTY });
  const { pool } = database;
  const { subscribe, readStream } = log;
  const commands = { pool, subscribe, readStream, signal: new AbortController().signal, logger: silent, out };
  return { commands, text: () => String(out.read() ?? '') };
}

test('status shows every projection, where it stands, and what is parked', async () => {
  const { commands, text } = terminal(false);
  await showStatus(commands);
  const lines = text().trimEnd().split('\n');
  expect(lines[0]).toMatch(/^name +version +status +position +parked +updated/);
  expect(lines).toHaveLength(all.length + 1);
  expect(lines.find((line) => line.startsWith('users '))).toMatch(
    new RegExp(`^users +v${String(users.version)} +live +${String(log.head)} +0 `),
  );
});

test('rebuild shows progress and compares row counts; a name that is none is refused', async () => {
  const plain = terminal(false);
  await rebuild(plain.commands, ['users', 'teams']);
  const text = plain.text();
  expect(text).toMatch(/^100 %, \d+ events, \d+\/s$/m);
  expect(text).toContain('Rebuilt and live: teams, users');
  expect(text).toMatch(/users +users +5 +5 +yes/);
  const screen = terminal(true);
  await rebuild(screen.commands, 'all');
  expect(screen.text()).toMatch(/audit_log +audit_log +50 +50 +yes/);
  await expect(rebuild(plain.commands, ['nothing'])).rejects.toThrow('There is no projection "nothing"; there are');
});

test('a rebuild that is interrupted says how it goes on, and goes on', async () => {
  const stopping = new AbortController();
  const { commands, text } = terminal(false);
  const subscribe: typeof commands.subscribe = async function* (after, signal) {
    for await (const entry of commands.subscribe(after, signal)) {
      if (entry.kind === 'caught-up') stopping.abort();
      yield entry;
    }
  };
  expect(await rebuild({ ...commands, subscribe, signal: stopping.signal }, 'all')).toBe(false);
  expect(text()).toContain('Paused. What is live goes on as it was; the same command goes on from here.\n');
  expect(await rebuild(commands, 'all')).toBe(true);
  expect(text()).toMatch(/audit_log +audit_log +50 +50 +yes/);
});

test('parked events are listed and driven again', async () => {
  const { commands, text } = terminal(false);
  await listParked(commands);
  expect(text()).toBe('Nothing is parked.\n');
  const { teamId, userId } = person(9);
  // A role for a team whose id is none.
  const bad = { teamId, roleId: 'no id', name: 'Bad', kind: 'custom', grants: [], at: time(1) } as const;
  log.append(`team-${teamId}`, { type: 'RoleAdded', data: bad });
  log.append(`team-${teamId}`, {
    type: 'MemberAdded',
    data: { teamId, userId, roleId: person(9).roleId, at: time(1) },
  });
  await running.caughtUp();
  await listParked(commands);
  expect(text()).toMatch(/teams +team-\S+ +\d+ +RoleAdded +\S+ +failed +invalid input syntax for type uuid/);
  expect(await retryAllParked(commands)).toBe(false);
  expect(text()).toContain(`\nteams: team-${teamId} is still parked\n`);
  await database.pool.query(`delete from engine.parked_event where reason = 'failed'`);
  expect(await retryAllParked(commands)).toBe(true);
  expect(text()).toMatch(/teams: 1 applied\nNothing is parked any more\.\n$/);
});

test('check tells whether rows are as the log says', async () => {
  const { commands, text } = terminal(false);
  expect(await checkAll(commands, 1)).toBe(true);
  expect(text()).toContain('audit_log: 50 events replayed, 0 rows differ\n');
  await database.pool.query(`update read_model.users set status = 'refused' where user_id = $1`, [person(1).userId]);
  expect(await checkAll(commands, 1)).toBe(false);
  expect(text()).toContain(
    `users: 15 events replayed, 1 rows differ\n  users {"user_id":"${person(1).userId}"} different\n`,
  );
});
