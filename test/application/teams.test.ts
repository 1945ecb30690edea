import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import { requirePermission } from '../../src/application/teams/require-permission.ts';
import { effectivePermissions } from '../../src/domain/permissions.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { refusalOf } from './invitation-world.ts';
import { as, teamWorld } from './team-world.ts';

describe('creating one more team', () => {
  it('makes whoever asks its Owner, and tells the position to read after', async () => {
    const { useCases, stateOf, memory } = await teamWorld();
    const { teamId, position } = await useCases.createTeam({ userId: 'ann', name: ' Lee & Co ' }, as('ann'));
    const state = await stateOf(teamId);
    expect(state).toMatchObject({ status: 'open', name: 'Lee & Co', platform: false });
    expect(memberRole(state, 'ann')).toMatchObject({ kind: 'owner' });
    expect(position).toBe(memory.all().at(-1)?.position);
  });

  it('once more for somebody who was not told, finds the team that came through later', async () => {
    const { useCases, memory } = await teamWorld();
    const asked = { userId: 'ann', name: 'Lee & Co', sameAs: 'session-1 key-1' };
    const first = await useCases.createTeam(asked, as('ann'));
    const again = await useCases.createTeam(asked, as('ann'));
    expect(again).toEqual(first);
    const others = [{ name: 'Lee' }, { sameAs: 'session-1 key-2' }, { sameAs: undefined }, { sameAs: undefined }];
    const teamIds = await Promise.all(
      others.map(async (other) => (await useCases.createTeam({ ...asked, ...other }, as('ann'))).teamId),
    );
    expect(new Set([first.teamId, ...teamIds]).size).toBe(5);
    const made = memory.all().filter(({ event }) => event.type === 'TeamCreated' && event.data.teamId === first.teamId);
    expect(made).toHaveLength(1);
  });

  it('is refused to who is in as many teams as the installation allows, until they have left one', async () => {
    const { useCases } = await teamWorld({ maxTeams: 2 });
    const create = (sameAs?: string) => useCases.createTeam({ userId: 'ann', name: 'Lee & Co', sameAs }, as('ann'));
    const first = await create();
    const second = await create('session-1 key-1');
    expect(await refusalOf(create())).toEqual({ code: 'too-many-teams', limit: 2 });
    expect((await create('session-1 key-1')).teamId).toBe(second.teamId);
    await expect(useCases.createTeam({ userId: 'bob', name: 'Bob & Co' }, as('bob'))).resolves.toBeDefined();
    await useCases.closeTeam({ teamId: first.teamId, userId: 'ann' }, as('ann'));
    await expect(create()).resolves.toBeDefined();
  });
});

describe('what members do', () => {
  it('is recorded with who did it, and answered with its position', async () => {
    const { useCases, memory, teamOf } = await teamWorld();
    const { teamId } = await teamOf();
    const { position } = await useCases.renameTeam({ teamId, userId: 'ann', name: 'Lee & Sons' }, as('ann'));
    const newest = memory.all().at(-1);
    expect(newest).toMatchObject({
      stream: streams.team(teamId),
      position,
      event: { type: 'TeamRenamed', data: { name: 'Lee & Sons' } },
      context: { actor: { kind: 'user', userId: 'ann' } },
    });
  });

  it('goes on through a whole life of a team', async () => {
    const { useCases, teamOf, stateOf } = await teamWorld();
    const { teamId, roleId, roleOf } = await teamOf({ mia: 'Manager', dan: 'Developer', bob: 'Developer' });
    const by = { teamId, userId: 'ann' };
    const painter = await useCases.addRole({ ...by, name: 'Painter', permissions: ['site.edit'] }, as('ann'));
    await useCases.changeMember({ ...by, memberId: 'dan', roleId: painter.roleId }, as('ann'));
    await useCases.changeRole({ ...by, roleId: painter.roleId, permissions: ['site.*'] }, as('ann'));
    expect(memberRole(await stateOf(teamId), 'dan')).toMatchObject({ name: 'Painter', grants: ['site.*'] });
    expect(await refusalOf(useCases.retireRole({ ...by, roleId: painter.roleId }, as('ann')))).toEqual({
      code: 'role-in-use',
      members: 1,
    });
    const reassignTo = await roleId('Developer');
    await useCases.retireRole({ ...by, roleId: painter.roleId, reassignTo }, as('ann'));
    expect(await roleOf('dan')).toBe('Developer');
    await useCases.removeMember({ teamId, userId: 'mia', memberId: 'dan' }, as('mia'));
    await useCases.leaveTeam({ teamId, userId: 'bob' }, as('bob'));
    await useCases.setSessionPolicy({ teamId, userId: 'mia', idleTimeoutSeconds: 900 }, as('mia'));
    await useCases.transferOwnership({ ...by, toUserId: 'mia' }, as('ann'));
    expect(await Promise.all(['ann', 'mia', 'dan', 'bob'].map(roleOf))).toEqual([
      'Manager',
      'Owner',
      undefined,
      undefined,
    ]);
    expect(await refusalOf(useCases.closeTeam(by, as('ann')))).toEqual({ code: 'not-an-owner' });
    await useCases.closeTeam({ teamId, userId: 'mia' }, as('mia'));
    expect(await stateOf(teamId)).toMatchObject({ status: 'closed', idleTimeoutSeconds: 900 });
    expect(await refusalOf(useCases.renameTeam({ ...by, name: 'Again' }, as('ann')))).toEqual({
      code: 'team-not-found',
    });
  });

  it('is announced before it is answered, again when it is asked again, and never when it is refused', async () => {
    const { useCases, announced, teamOf, memory } = await teamWorld();
    const { teamId } = await teamOf({ dan: 'Developer' });
    announced.length = 0;
    const rename = { teamId, userId: 'ann', name: 'Lee & Sons' };
    await useCases.renameTeam(rename, as('ann'));
    const done = { teamId, revision: 6n, events: memory.all().length };
    expect(announced).toEqual([done]);
    await useCases.renameTeam(rename, as('ann'));
    expect(announced).toEqual([done, done]);
    await refusalOf(useCases.renameTeam({ ...rename, userId: 'dan' }, as('dan')));
    expect(announced).toHaveLength(2);
  });
});

describe('two Owners at once', () => {
  it('cannot demote each other: exactly one succeeds', async () => {
    const { useCases, teamOf, lostRaces } = await teamWorld();
    const { teamId, roleId, roleOf } = await teamOf({ bob: 'Owner' });
    const manager = await roleId('Manager');
    const demote = (userId: string, memberId: string) =>
      refusalOf(useCases.changeMember({ teamId, userId, memberId, roleId: manager }, as(userId)));
    const outcomes = await Promise.all([demote('ann', 'bob'), demote('bob', 'ann')]);
    expect(outcomes.toSorted(byCode)).toEqual([{ code: 'none' }, { code: 'not-an-owner' }]);
    expect([await roleOf('ann'), await roleOf('bob')].sort()).toEqual(['Manager', 'Owner']);
    expect(lostRaces).toEqual([streams.team(teamId)]);
  });

  it('cannot both leave, nor remove each other: exactly one succeeds', async () => {
    const { useCases, teamOf, lostRaces } = await teamWorld();
    type Act = (teamId: string, userId: string, other: string) => Promise<unknown>;
    const leave: Act = (teamId, userId) => useCases.leaveTeam({ teamId, userId }, as(userId));
    const remove: Act = (teamId, userId, memberId) => useCases.removeMember({ teamId, userId, memberId }, as(userId));
    for (const [act, refusal] of [
      [leave, 'last-owner'],
      [remove, 'team-not-found'],
    ] as const) {
      const { teamId, roleOf } = await teamOf({ bob: 'Owner' });
      const outcomes = await Promise.all([refusalOf(act(teamId, 'ann', 'bob')), refusalOf(act(teamId, 'bob', 'ann'))]);
      expect(outcomes.toSorted(byCode)).toEqual([{ code: refusal }, { code: 'none' }].toSorted(byCode));
      expect([await roleOf('ann'), await roleOf('bob')].filter((role) => role !== undefined)).toEqual(['Owner']);
    }
    expect(lostRaces).toHaveLength(2);
  });

  it('can hand the team to each other, one after the other: somebody is its Owner', async () => {
    const { useCases, teamOf, lostRaces } = await teamWorld();
    const { teamId, roleOf } = await teamOf({ bob: 'Owner' });
    await Promise.all([
      useCases.transferOwnership({ teamId, userId: 'ann', toUserId: 'bob' }, as('ann')),
      useCases.transferOwnership({ teamId, userId: 'bob', toUserId: 'ann' }, as('bob')),
    ]);
    expect([await roleOf('ann'), await roleOf('bob')].sort()).toEqual(['Manager', 'Owner']);
    expect(lostRaces).toHaveLength(1);
  });

  it('cannot give a role to a member while it is retired', async () => {
    const { useCases, teamOf, stateOf } = await teamWorld();
    const { teamId } = await teamOf({ bob: 'Owner', dan: 'Developer' });
    const painter = { teamId, userId: 'ann', name: 'Painter', permissions: ['site.edit'] };
    const { roleId } = await useCases.addRole(painter, as('ann'));
    const outcomes = await Promise.all([
      refusalOf(useCases.retireRole({ teamId, userId: 'ann', roleId }, as('ann'))),
      refusalOf(useCases.changeMember({ teamId, userId: 'bob', memberId: 'dan', roleId }, as('bob'))),
    ]);
    expect(outcomes.filter((outcome) => 'code' in outcome && outcome.code === 'none')).toHaveLength(1);
    expect(memberRole(await stateOf(teamId), 'dan')).toBeDefined();
  });
});

describe('the catalogue', () => {
  it('is the log’s: what is retired grants nothing any more, what is added is in force at once', async () => {
    const { useCases, teamOf, stateOf, seed, names, inForce, ports } = await teamWorld();
    const { teamId } = await teamOf({ mia: 'Manager' });
    const may = requirePermission(ports);
    const permissionsOfMia = async () =>
      effectivePermissions(memberRole(await stateOf(teamId), 'mia')?.grants ?? [], await inForce());
    const invites = { teamId, userId: 'mia', permission: 'team.invite' };
    await expect(may(invites)).resolves.toMatchObject({ role: { name: 'Manager' } });

    await seed([...names.filter((name) => name !== 'team.invite'), 'site.paint']);
    expect(await permissionsOfMia()).toContain('site.paint');
    expect(await permissionsOfMia()).not.toContain('team.invite');
    expect(await refusalOf(may(invites))).toEqual({ code: 'permission-missing', permission: 'team.invite' });
    await expect(may({ ...invites, permission: 'site.paint' })).resolves.toBeDefined();
    const role = { teamId, userId: 'mia', name: 'Painter', permissions: ['site.paint'] };
    await expect(useCases.addRole(role, as('mia'))).resolves.toBeDefined();
    const host = { teamId, userId: 'mia', name: 'Host', permissions: ['team.invite'] };
    expect(await refusalOf(useCases.addRole(host, as('mia')))).toEqual({
      code: 'unknown-permission',
      permission: 'team.invite',
    });

    await seed(names);
    expect(await permissionsOfMia()).toContain('team.invite');
  });
});

const byCode = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));
