import fc from 'fast-check';
import { DomainError } from '../../src/domain/errors.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { permissionCatalogue } from '../../src/domain/permission-catalogue/decide.ts';
import type { PermissionCatalogueEvent } from '../../src/domain/permission-catalogue/events.ts';
import { effectivePermissions } from '../../src/domain/permissions.ts';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, type TeamState } from '../../src/domain/team/state.ts';
import type { Recorded } from '../../src/application/ports.ts';
import { id, type TestLog } from './log.ts';
import { time } from './story.ts';

export const people = [1, 2, 3, 4].map((n) => id(0x1000 + n));
/** The last one runs the platform. */
export const teams = [1, 2, 3].map((n) => id(0x2000 + n));
const platformTeam = teams[2] ?? '';
const roleOf = (teamNumber: number, n: number) => id(0x3000 + teamNumber * 16 + n);
const allPermissions = [
  'team.manage',
  'team.invite',
  'site.create',
  'user.manage',
  'events.read',
  'system.admin',
  'env.delete',
];

interface Draw {
  readonly kind: keyof typeof steps;
  readonly team: number;
  readonly a: number;
  readonly b: number;
  readonly role: number;
  readonly grants: readonly string[];
}

export const anyHistory = fc.array(
  fc.record<Draw>({
    kind: fc.oneof(
      { weight: 1, arbitrary: fc.constant('close' as const) },
      {
        weight: 60,
        arbitrary: fc.constantFrom(
          ...(['join', 'join', 'join', 'changeMember', 'changeMember', 'addRole', 'addRole', 'changeRole'] as const),
          ...(['retireRole', 'remove', 'leave', 'transfer', 'rename', 'bar', 'seed'] as const),
        ),
      },
    ),
    team: fc.nat(2),
    a: fc.nat(4),
    b: fc.nat(3),
    role: fc.nat(5),
    grants: fc.subarray(['*', 'team.*', 'site.*', 'user.manage', 'env.delete', 'team.manage', 'system.admin'], {
      maxLength: 3,
    }),
  }),
  { minLength: 20, maxLength: 50, size: 'max' },
);

/** What chance alone may leave out. */
export const someOfEach: readonly Draw[] = [
  { kind: 'addRole', b: 0 },
  { kind: 'leave', b: 1, a: 3 },
  { kind: 'join', b: 1 },
  { kind: 'changeMember', b: 2 },
  { kind: 'changeRole', b: 0 },
  { kind: 'remove', b: 3 },
  { kind: 'retireRole', b: 0 },
  { kind: 'seed', b: 0 },
  { kind: 'transfer', b: 2 },
].map((draw) => ({ team: 0, a: 0, role: 4, grants: ['site.*'], ...(draw as Pick<Draw, 'kind' | 'b'>) }));

const steps = {
  join: ({ userId, other, roleId, base }: Given): TeamCommand => ({
    ...{
      type: 'AddMember',
      ...base,
      userId: other,
      roleId,
      invitationId: id(1),
      tokenId: id(base.n),
      invitedBy: userId,
    },
  }),
  changeMember: ({ acting, other, roleId }: Given): TeamCommand => ({
    type: 'ChangeMember',
    ...acting,
    userId: other,
    roleId,
  }),
  addRole: ({ acting, roleId, grants, base }: Given): TeamCommand => ({
    ...{ type: 'AddRole', ...acting, roleId, name: `Role ${String(base.n)}`, grants },
  }),
  changeRole: ({ acting, base, grants }: Given): TeamCommand => ({
    ...{ type: 'ChangeRole', ...acting, roleId: roleOf(base.number, 3), grants },
  }),
  retireRole: ({ acting, roleId, base }: Given): TeamCommand => ({
    ...{ type: 'RetireRole', ...acting, roleId, reassignTo: roleOf(base.number, 2) },
  }),
  remove: ({ acting, other }: Given): TeamCommand => ({ type: 'RemoveMember', ...acting, userId: other }),
  leave: ({ acting }: Given): TeamCommand => ({ type: 'LeaveTeam', ...acting }),
  transfer: ({ acting, other }: Given): TeamCommand => ({ type: 'TransferOwnership', ...acting, toUserId: other }),
  rename: ({ acting, base }: Given): TeamCommand => ({ type: 'RenameTeam', ...acting, name: `Team ${String(base.n)}` }),
  close: ({ acting }: Given): TeamCommand => ({ type: 'CloseTeam', ...acting }),
  bar: 'of a user',
  seed: 'of the catalogue',
} as const;

interface Given {
  readonly userId: string;
  readonly other: string;
  readonly roleId: string;
  readonly grants: readonly string[];
  readonly base: { readonly teamId: string; readonly number: number; readonly n: number; readonly now: Date };
  readonly acting: {
    readonly teamId: string;
    readonly by: string;
    readonly catalogue: readonly string[];
    readonly now: Date;
  };
}

const barTypes = ['UserDeactivated', 'UserReactivated', 'UserLocked', 'UserUnlocked', 'UserErased'] as const;

/** Plays what the deciders let happen, into the streams. */
export function live(log: TestLog, draws: readonly Draw[]): void {
  const states = new Map<string, TeamState>();
  let catalogue = permissionCatalogue.initialState;
  const happens = (stream: string, events: readonly DomainEvent[]) => {
    for (const event of events) log.append(stream, event);
  };
  const inTeam = (command: TeamCommand) => {
    const before = states.get(command.teamId) ?? team.initialState;
    const events = decided(command, before);
    states.set(command.teamId, events.reduce(team.evolve, before));
    happens(`team-${command.teamId}`, events);
  };
  const seed = (names: readonly string[], now: Date) => {
    const permissions = names.map((permission) => ({ permission, description: permission }));
    const events = permissionCatalogue.decide({ type: 'SeedPermissions', permissions, now }, catalogue);
    catalogue = events.reduce(permissionCatalogue.evolve, catalogue);
    happens('permission_catalogue', events);
  };

  seed(allPermissions.slice(0, 6), new Date(time(0)));
  teams.forEach((teamId, number) => {
    const now = new Date(time(1));
    const [owner, manager, developer] = [roleOf(number, 0), roleOf(number, 1), roleOf(number, 2)];
    if (teamId !== platformTeam) {
      const roleIds = { owner, manager, developer };
      inTeam({
        type: 'CreateTeam',
        teamId,
        name: `Team ${String(number)}`,
        ownerId: people[number] ?? '',
        roleIds,
        now,
      });
      const acting = { teamId, by: people[number] ?? '', catalogue: catalogue.permissions, now };
      inTeam({ type: 'AddRole', ...acting, roleId: roleOf(number, 3), name: 'Own', grants: ['site.*'] });
      people.forEach((userId, n) => {
        const invited = { invitationId: id(1), tokenId: id(3 + n), invitedBy: acting.by };
        inTeam({ type: 'AddMember', teamId, userId, roleId: roleOf(number, n % 2 === 0 ? 1 : 3), ...invited, now });
      });
      return;
    }
    inTeam({ type: 'FoundPlatformTeam', teamId, name: 'Platform', roleIds: { owner, reviewer: manager }, now });
    const invitation = { invitationId: id(1), tokenId: id(2), invitedBy: null };
    inTeam({ type: 'AddMember', teamId, userId: people[number] ?? '', roleId: owner, ...invitation, now });
  });
  for (const [n, draw] of draws.entries()) {
    const now = new Date(time(10 + n));
    const teamId = teams[draw.team] ?? '';
    // Mostly somebody who may.
    const [userId, other] = [people[draw.a < 3 ? draw.team : draw.b] ?? '', people[draw.b] ?? ''];
    const step = steps[draw.kind];
    if (step === steps.bar) {
      const type = barTypes[draw.role % barTypes.length] ?? 'UserLocked';
      happens(`user-${userId}`, [barred(type, userId, now)]);
    } else if (step === steps.seed)
      seed(
        allPermissions.filter((_name, index) => (index + n) % 3 !== 0),
        now,
      );
    else if (typeof step === 'function') {
      const base = { teamId, number: draw.team, n: 100 + n, now };
      const acting = { teamId, by: userId, catalogue: catalogue.permissions, now };
      inTeam(step({ userId, other, roleId: roleOf(draw.team, draw.role), grants: draw.grants, base, acting }));
    }
  }
}

function barred(type: (typeof barTypes)[number], userId: string, now: Date): DomainEvent {
  const at = now.toISOString();
  if (type === 'UserErased') return { type, data: { userId, emailHash: 'hash', receiptId: id(1), email: null, at } };
  return { type, data: { userId, at } };
}

function decided(command: TeamCommand, state: TeamState): readonly TeamEvent[] {
  try {
    return team.decide(command, state);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

/** Who could do what after these events, by folding the streams. */
export function replayed(events: readonly Recorded[]) {
  const ofStream = (stream: string) =>
    events.filter((recorded) => recorded.stream === stream).map(({ event }) => event);
  const { permissions } = (ofStream('permission_catalogue') as PermissionCatalogueEvent[]).reduce(
    permissionCatalogue.evolve,
    permissionCatalogue.initialState,
  );
  return teams.flatMap((teamId) => {
    const state = (ofStream(`team-${teamId}`) as TeamEvent[]).reduce(team.evolve, team.initialState);
    return people.flatMap((userId) => {
      const role = memberRole(state, userId);
      if (state.status !== 'open' || role === undefined || isOut(ofStream(`user-${userId}`))) return [];
      const counting = permissions.filter((name) => state.platform || name !== 'system.admin');
      const access = { userId, teamId, teamName: state.name, roleId: role.roleId, roleName: role.name };
      return [{ ...access, grants: role.grants, permissions: effectivePermissions(role.grants, counting) }];
    });
  });
}

function isOut(events: readonly DomainEvent[]): boolean {
  const last = (...types: readonly string[]) => events.findLast(({ type }) => types.includes(type))?.type;
  return (
    last('UserErased') !== undefined ||
    last('UserLocked', 'UserUnlocked') === 'UserLocked' ||
    last('UserDeactivated', 'UserReactivated') === 'UserDeactivated'
  );
}
