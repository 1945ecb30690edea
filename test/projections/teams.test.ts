import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listPermissions } from '../../src/cli/permissions.ts';
import { membership, teamNames, teamsOf } from '../../src/projections/teams.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { person, time, verify } from './story.ts';
import { start, type Running } from './support.ts';

const { teamId, userId: ann, roleId: owner } = person(1);
const { teamId: other } = person(2);
const [bob, cat] = [id(0x6001), id(0x6002)];
const [manager, painter] = [id(0x7001), id(0x7002)];
const stream = `team-${teamId}`;
const joining = { teamId, roleId: painter, invitationId: id(0x8001), tokenId: id(0x8002), invitedBy: ann };

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, all);
  verify(log, 1);
  verify(log, 2);
  const added = { teamId, at: time(10) };
  const managing = { roleId: manager, name: 'Manager', kind: 'manager', grants: ['team.*', 'site.*'] } as const;
  const painting = { roleId: painter, name: 'Painter', kind: 'custom', grants: ['site.edit', 'site.paint'] } as const;
  log.append(stream, { type: 'RoleAdded', data: { ...added, ...managing } });
  log.append(stream, { type: 'RoleAdded', data: { ...added, ...painting } });
  log.append(stream, { type: 'MemberJoined', data: { ...joining, userId: bob, at: time(11) } });
  log.append(stream, { type: 'MemberJoined', data: { ...joining, userId: cat, at: time(12) } });
  await running.caughtUp();
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

const rowOf = async (table: 'teams' | 'roles' | 'memberships', where: string) => {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `select * from read_model.${table} where ${where}`,
  );
  return rows[0];
};

describe('a team, read', () => {
  test('is as its creation left it', async () => {
    expect(await rowOf('teams', `team_id = '${teamId}'`)).toMatchObject({
      name: 'Team 1',
      platform: false,
      created_by: ann,
      idle_timeout_seconds: null,
      closed_at: null,
    });
    expect(await membership(database.pool, teamId, bob)).toMatchObject({ roleName: 'Painter' });
  });

  test('has the name, the policy and the roles that it was given', async () => {
    log.append(stream, { type: 'TeamRenamed', data: { teamId, name: 'Lee & Sons', at: time(20) } });
    log.append(stream, { type: 'SessionPolicyChanged', data: { teamId, idleTimeoutSeconds: 900, at: time(21) } });
    const grants = ['site.paint'];
    log.append(stream, {
      type: 'RoleChanged',
      data: { teamId, roleId: painter, name: 'Artist', grants, at: time(22) },
    });
    await running.caughtUp();
    expect(await rowOf('teams', `team_id = '${teamId}'`)).toMatchObject({
      name: 'Lee & Sons',
      idle_timeout_seconds: 900,
    });
    expect(await membership(database.pool, teamId, bob)).toMatchObject({
      teamName: 'Lee & Sons',
      roleName: 'Artist',
      grants,
    });
  });

  test('shows a retired permission with the roles that lose it', async () => {
    const catalogue = 'permission_catalogue';
    for (const permission of ['site.edit', 'site.paint']) {
      log.append(catalogue, { type: 'PermissionAdded', data: { permission, description: 'Sites', at: time(1) } });
    }
    log.append(catalogue, { type: 'PermissionRetired', data: { permission: 'site.paint', at: time(2) } });
    await running.caughtUp();
    const out = new PassThrough();
    const readStream = async (name: string) => {
      const read = await log.readStream(name);
      return { ...read, position: read.position ?? 0n };
    };
    await listPermissions({ eventStore: { readStream }, readModels: database.pool, out });
    expect(String(out.read())).toBe(
      [
        'permission  state               description',
        'site.edit   in force            Sites',
        'site.paint  retired 2026-01-01  Sites',
        '',
        'site.paint is retired and grants nothing.',
        'team        team id                               role    members',
        `Lee & Sons  ${teamId}  Artist  2`,
        'Held through a wildcard before: site.* in 1 role, * in 2 roles.',
        '',
      ].join('\n'),
    );
  });

  test('gives those another role whose own is retired, and hands itself over', async () => {
    const reason = 'role-retired';
    for (const userId of [bob, cat]) {
      const data = { teamId, userId, fromRoleId: painter, roleId: manager, reason, at: time(30) } as const;
      log.append(stream, { type: 'MemberRoleChanged', data });
    }
    log.append(stream, { type: 'RoleRetired', data: { teamId, roleId: painter, at: time(30) } });
    const roles = { fromRoleId: manager, ownerRoleId: owner, formerOwnerRoleId: manager };
    log.append(stream, {
      type: 'OwnershipTransferred',
      data: { teamId, fromUserId: ann, toUserId: bob, ...roles, at: time(31) },
    });
    await running.caughtUp();
    expect(await rowOf('roles', `role_id = '${painter}'`)).toMatchObject({ retired_at: new Date(time(30)) });
    const held = await Promise.all([ann, bob, cat].map((userId) => membership(database.pool, teamId, userId)));
    expect(held.map((one) => one?.roleName)).toEqual(['Manager', 'Owner', 'Manager']);
  });

  test('forgets nobody who was in it, and has them no more', async () => {
    log.append(stream, { type: 'MemberRemoved', data: { teamId, userId: cat, roleId: manager, at: time(40) } });
    log.append(stream, { type: 'MemberLeft', data: { teamId, userId: ann, roleId: manager, at: time(41) } });
    await running.caughtUp();
    expect(await membership(database.pool, teamId, cat)).toBeUndefined();
    expect(await teamsOf(database.pool, ann)).toEqual([]);
    expect(await rowOf('memberships', `user_id = '${cat}'`)).toMatchObject({ left_at: new Date(time(40)) });

    const again = { ...joining, roleId: manager, tokenId: id(0x8003), userId: cat, at: time(42) };
    log.append(stream, { type: 'MemberJoined', data: again });
    await running.caughtUp();
    expect(await membership(database.pool, teamId, cat)).toMatchObject({ roleName: 'Manager' });
    expect(await rowOf('memberships', `user_id = '${cat}'`)).toMatchObject({
      joined_at: new Date(time(42)),
      left_at: null,
    });
  });

  test('is nobody’s once it is closed, and keeps its name for the history', async () => {
    log.append(stream, { type: 'TeamClosed', data: { teamId, at: time(50) } });
    await running.caughtUp();
    expect(await teamsOf(database.pool, bob)).toEqual([]);
    expect(await membership(database.pool, teamId, bob)).toBeUndefined();
    expect(await teamNames(database.pool, [teamId, other])).toEqual(
      new Map([
        [teamId, 'Lee & Sons'],
        [other, 'Team 2'],
      ]),
    );
    expect(await rowOf('teams', `team_id = '${teamId}'`)).toMatchObject({ closed_at: new Date(time(50)) });
  });

  test('may be the one that runs the platform, which nobody created', async () => {
    const platform = id(0x9001);
    log.append(`team-${platform}`, {
      type: 'PlatformTeamFounded',
      data: { teamId: platform, name: 'Platform', at: time(60) },
    });
    await running.caughtUp();
    expect(await rowOf('teams', `team_id = '${platform}'`)).toMatchObject({ platform: true, created_by: null });
  });
});
