import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectivePermissions } from '../../src/domain/permissions.ts';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, ownersOf, roleIn, type OpenTeam, type TeamState } from '../../src/domain/team/state.ts';
import { anyTime, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, play, type Step } from './properties.ts';
import { catalogue, teamId } from './team-world.ts';

const now = moment();
const people = ['ann', 'bob', 'cat', 'dan', 'eve'];
const person = fc.constantFrom(...people);
const bornRoles = ['role-o', 'role-m', 'role-d', 'role-r'];
const madeRoles = ['r1', 'r2', 'r3'];
const anyRole = fc.constantFrom(...bornRoles, ...madeRoles);
const made = fc.constantFrom(...madeRoles);
const mostlyMade = fc.oneof({ weight: 5, arbitrary: made }, { weight: 1, arbitrary: anyRole });
const grant = fc.constantFrom('*', 'team.*', 'site.*', 'user.*', 'system.*', ...catalogue);
const grants = fc.oneof(
  fc.array(grant, { maxLength: 4 }),
  fc.constantFrom(['team.manage', 'user.manage', 'site.*'], ['team.*', 'user.manage'], ['site.create']),
);
const base = { teamId, now };
/** The catalogue is not always the same. */
const inForce = fc.oneof(
  { weight: 5, arbitrary: fc.constant(catalogue) },
  { weight: 1, arbitrary: fc.subarray(catalogue) },
);
const acting = fc.record({ by: person, catalogue: inForce }).map((by) => ({ ...base, ...by }));

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const command: fc.Arbitrary<TeamCommand> = fc.oneof(
  weighted(
    3,
    fc
      .tuple(acting, made, fc.constantFrom('Painter', 'Deployer', 'Lead'), grants)
      .map(([by, roleId, name, given]): TeamCommand => ({ type: 'AddRole', ...by, roleId, name, grants: given })),
  ),
  weighted(
    3,
    fc
      .tuple(acting, mostlyMade, fc.option(grants, { nil: undefined }))
      .map(([by, roleId, given]): TeamCommand => ({ type: 'ChangeRole', ...by, roleId, grants: given })),
  ),
  weighted(
    2,
    fc
      .tuple(acting, mostlyMade, fc.option(anyRole, { nil: undefined }))
      .map(([by, roleId, reassignTo]): TeamCommand => ({ type: 'RetireRole', ...by, roleId, reassignTo })),
  ),
  weighted(
    6,
    fc
      .tuple(acting, person, anyRole)
      .map(([by, userId, roleId]): TeamCommand => ({ type: 'ChangeMember', ...by, userId, roleId })),
  ),
  weighted(
    2,
    fc.tuple(acting, person).map(([by, userId]): TeamCommand => ({ type: 'RemoveMember', ...by, userId })),
  ),
  weighted(
    2,
    person.map((by): TeamCommand => ({ type: 'LeaveTeam', ...base, by })),
  ),
  weighted(
    2,
    fc
      .tuple(person, person)
      .map(([by, toUserId]): TeamCommand => ({ type: 'TransferOwnership', ...base, by, toUserId })),
  ),
  weighted(
    6,
    fc.tuple(person, person, anyRole, fc.uuid()).map(([invitedBy, userId, roleId, tokenId]): TeamCommand => ({
      ...{ type: 'AddMember', ...base, userId, roleId, invitationId: 'i', tokenId, invitedBy },
    })),
  ),
  weighted(
    1,
    fc.tuple(acting, fc.string()).map(([by, name]): TeamCommand => ({ type: 'RenameTeam', ...by, name })),
  ),
  weighted(
    1,
    fc
      .tuple(acting, fc.constantFrom(300, 900))
      .map(([by, idleTimeoutSeconds]): TeamCommand => ({ type: 'SetSessionPolicy', ...by, idleTimeoutSeconds })),
  ),
);

const create: TeamCommand = {
  type: 'CreateTeam',
  ...base,
  name: 'Lee & Co',
  ownerId: 'ann',
  roleIds: { owner: 'role-o', manager: 'role-m', developer: 'role-d' },
};
const found: TeamCommand = {
  type: 'FoundPlatformTeam',
  ...base,
  name: 'Platform',
  roleIds: { owner: 'role-o', reviewer: 'role-r' },
};
const join = (userId: string, roleId: string, invitedBy: string | null): TeamCommand => ({
  ...{ type: 'AddMember', ...base, userId, roleId, invitationId: 'i', tokenId: `first of ${userId}`, invitedBy },
});
const role = (roleId: string, ...given: string[]): TeamCommand => ({
  ...{ type: 'AddRole', ...base, by: 'ann', catalogue, roleId, name: roleId, grants: given },
});
/** Teams in which something can happen: a few people with different roles. */
const beginnings: readonly (readonly TeamCommand[])[] = [
  [create],
  [create, join('bob', 'role-o', 'ann'), join('cat', 'role-m', 'ann'), join('dan', 'role-d', 'ann')],
  [
    ...[create, role('r1', 'team.manage', 'user.manage', 'site.create'), role('r2', '*')],
    ...[join('bob', 'r1', 'ann'), join('cat', 'r2', 'ann'), join('dan', 'role-d', 'ann')],
  ],
  [found, join('ann', 'role-o', null), join('bob', 'role-r', 'ann'), join('cat', 'role-o', 'ann')],
];
const history = fc
  .tuple(fc.constantFrom(...beginnings), fc.array(command, { maxLength: 50, size: 'max' }), fc.boolean(), person)
  .map(([beginning, commands, closes, by]): TeamCommand[] => [
    ...beginning,
    ...commands,
    ...(closes ? [{ type: 'CloseTeam', ...base, by } as const] : []),
  ]);

type TeamStep = Step<TeamState, TeamCommand, TeamEvent>;

/** What can be held now or later: one more of each category, and one category more. */
const everAfter = [...catalogue, 'team.later', 'site.later', 'user.later', 'system.later', 'later.later'];
const held = (given: readonly string[]) => effectivePermissions(given, everAfter);

/** Who decided a step; an invitation counts as its inviter's. */
const actorOf = (step: TeamCommand): string | null =>
  'by' in step ? step.by : step.type === 'AddMember' ? step.invitedBy : null;

/** The grants that an event newly gives to a role, or to a person with their role. */
function givenBy(event: TeamEvent, before: OpenTeam, after: OpenTeam): readonly string[] {
  if (event.type === 'RoleAdded') return event.data.grants;
  if (event.type === 'RoleChanged') {
    const had = roleIn(before, event.data.roleId)?.grants ?? [];
    return event.data.grants.filter((one) => !had.includes(one));
  }
  const people =
    event.type === 'MemberRoleChanged' || event.type === 'MemberJoined'
      ? [event.data.userId]
      : event.type === 'OwnershipTransferred'
        ? [event.data.toUserId, event.data.fromUserId]
        : [];
  return people.flatMap((userId) => memberRole(after, userId)?.grants ?? []);
}

function forEachStep(check: (step: TeamStep & { after: OpenTeam; before: OpenTeam }) => void): Set<TeamEvent['type']> {
  const seen = new Set<TeamEvent['type']>();
  const property = fc.property(history, (commands) => {
    for (const step of play(team, commands)) {
      step.events.forEach(({ type }) => seen.add(type));
      const { before, after } = step;
      if (before.status === 'open' && after.status === 'open') check({ ...step, before, after });
    }
  });
  fc.assert(property, { numRuns: 400 });
  return seen;
}

describe('whatever anybody does in a team', () => {
  it('it has an Owner at every moment', () => {
    const seen = forEachStep(({ before, after }) => {
      const nobodyYet = after.platform && Object.keys(before.members).length === 0;
      if (!nobodyYet) expect(ownersOf(after)).not.toEqual([]);
    });
    // Otherwise this has looked at nothing.
    expect([...seen].sort()).toEqual([
      'MemberAdded',
      'MemberJoined',
      'MemberLeft',
      'MemberRemoved',
      'MemberRoleChanged',
      'OwnershipTransferred',
      'PlatformTeamFounded',
      'RoleAdded',
      'RoleChanged',
      'RoleRetired',
      'SessionPolicyChanged',
      'TeamClosed',
      'TeamCreated',
      'TeamRenamed',
    ]);
  });

  it('every member has a role that is there', () => {
    forEachStep(({ after }) => {
      for (const userId of Object.keys(after.members)) expect(memberRole(after, userId)).toBeDefined();
    });
  });

  it('nobody is given what the giver does not hold', () => {
    forEachStep(({ command: cause, before, after, events }) => {
      const giver = actorOf(cause);
      if (giver === null) return;
      const may = held(memberRole(before, giver)?.grants ?? []);
      for (const event of events) expect(may).toEqual(expect.arrayContaining(held(givenBy(event, before, after))));
    });
  });

  it('nobody but Owners makes Owners, unmakes them, or hands out everything', () => {
    forEachStep(({ command: cause, before, after, events }) => {
      const giver = actorOf(cause);
      if (giver === null || memberRole(before, giver)?.kind === 'owner') return;
      expect(ownersOf(after)).toEqual(ownersOf(before));
      for (const event of events) expect(givenBy(event, before, after)).not.toContain('*');
    });
  });

  it('the right over the platform stays in the team that runs it', () => {
    forEachStep(({ after }) => {
      if (after.platform) return;
      for (const role of Object.values(after.roles)) expect(held(role.grants)).not.toContain('system.admin');
    });
  });

  it('doing it twice does it once', () => {
    expectNothingTwice(team, history);
  });
});

describe('any history of a team', () => {
  const id = fc.constantFrom('ann', 'bob', '__proto__', 'role-o', 'constructor');
  const about = { teamId: fc.constant(teamId), at: anyTime };
  const any = fc.string();
  const event = fc.oneof(
    fc.record({ ...about, name: any, createdBy: id }).map((data): TeamEvent => ({ type: 'TeamCreated', data })),
    fc.record({ ...about, name: any }).map((data): TeamEvent => ({ type: 'PlatformTeamFounded', data })),
    fc.record({ ...about, name: any }).map((data): TeamEvent => ({ type: 'TeamRenamed', data })),
    fc
      .record({ ...about, idleTimeoutSeconds: fc.nat() })
      .map((data): TeamEvent => ({ type: 'SessionPolicyChanged', data })),
    fc.record({ ...about, roleId: id, name: any, grants: fc.array(any) }).map((data): TeamEvent => ({
      type: 'RoleAdded',
      data: { kind: 'custom', ...data },
    })),
    fc
      .record({ ...about, roleId: id, name: any, grants: fc.array(any) })
      .map((data): TeamEvent => ({ type: 'RoleChanged', data })),
    fc.record({ ...about, roleId: id }).map((data): TeamEvent => ({ type: 'RoleRetired', data })),
    fc.record({ ...about, userId: id, roleId: id }).map((data): TeamEvent => ({ type: 'MemberAdded', data })),
    fc
      .record({ ...about, userId: id, roleId: id, invitationId: id, tokenId: id, invitedBy: id })
      .map((data): TeamEvent => ({ type: 'MemberJoined', data })),
    fc.record({ ...about, userId: id, roleId: id, fromRoleId: id }).map((data): TeamEvent => ({
      type: 'MemberRoleChanged',
      data: { reason: 'changed', ...data },
    })),
    fc
      .record({ ...about, fromUserId: id, toUserId: id, fromRoleId: id, ownerRoleId: id, formerOwnerRoleId: id })
      .map((data): TeamEvent => ({ type: 'OwnershipTransferred', data })),
    fc.record({ ...about, userId: id, roleId: id }).map((data): TeamEvent => ({ type: 'MemberRemoved', data })),
    fc.record({ ...about, userId: id, roleId: id }).map((data): TeamEvent => ({ type: 'MemberLeft', data })),
    fc.record(about).map((data): TeamEvent => ({ type: 'TeamClosed', data })),
  );

  it('folds', () => {
    expectAnyFold(team, event);
  });
});
