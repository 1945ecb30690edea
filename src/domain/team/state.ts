import type { RoleKind, TeamEvent } from './events.ts';

/** An acceptance is handled again within a day or so, if at all. */
const acceptancesKept = 1000;

export interface Role {
  readonly roleId: string;
  readonly name: string;
  readonly kind: RoleKind;
  readonly grants: readonly string[];
}

interface Team {
  readonly name: string;
  /** Whether its members run the platform: there is one such team. */
  readonly platform: boolean;
  /** `null` while the team has not set its own: the installation's default holds. */
  readonly idleTimeoutSeconds: number | null;
  /** Those that are not retired. */
  readonly roles: Readonly<Record<string, Role>>;
  /** From user to role. */
  readonly members: Readonly<Record<string, string>>;
  /** Rounds of invitations that made somebody a member: each does so once, even if that member has left since. */
  readonly acceptances: readonly string[];
}

export interface OpenTeam extends Team {
  readonly status: 'open';
}

/** As it was when it was closed. Nobody is a member of it any more. */
export interface ClosedTeam extends Team {
  readonly status: 'closed';
}

export type TeamState = { readonly status: 'unknown' } | OpenTeam | ClosedTeam;

export const initialState: TeamState = { status: 'unknown' };

export function evolve(state: TeamState, event: TeamEvent): TeamState {
  if (state.status === 'unknown') return born(state, event);
  return state.status === 'open' ? evolveOpen(state, event) : state;
}

function born(state: TeamState, event: TeamEvent): TeamState {
  const empty = { status: 'open', idleTimeoutSeconds: null, roles: {}, members: {}, acceptances: [] } as const;
  if (event.type === 'TeamCreated') return { ...empty, name: event.data.name, platform: false };
  if (event.type === 'PlatformTeamFounded') return { ...empty, name: event.data.name, platform: true };
  return state;
}

type Evolvers = {
  readonly [Type in TeamEvent['type']]: (
    team: OpenTeam,
    data: Extract<TeamEvent, { type: Type }>['data'],
  ) => OpenTeam | ClosedTeam;
};

const evolvers: Evolvers = {
  TeamCreated: (team) => team,
  PlatformTeamFounded: (team) => team,
  TeamRenamed: (team, { name }) => ({ ...team, name }),
  SessionPolicyChanged: (team, { idleTimeoutSeconds }) => ({ ...team, idleTimeoutSeconds }),
  TeamClosed: (team) => ({ ...team, status: 'closed' }),
  RoleAdded: (team, { roleId, name, kind, grants }) => withRole(team, { roleId, name, kind, grants }),
  RoleChanged: (team, { roleId, name, grants }) => {
    const role = own(team.roles, roleId);
    return role === undefined ? team : withRole(team, { ...role, name, grants });
  },
  RoleRetired: (team, { roleId }) => ({ ...team, roles: without(team.roles, roleId) }),
  MemberAdded: (team, { userId, roleId }) => withMember(team, userId, roleId),
  MemberJoined: (team, { userId, roleId, tokenId }) => {
    const acceptances = [...team.acceptances, tokenId].slice(-acceptancesKept);
    return { ...withMember(team, userId, roleId), acceptances };
  },
  MemberRoleChanged: (team, { userId, roleId }) => withMember(team, userId, roleId),
  OwnershipTransferred: (team, { fromUserId, toUserId, ownerRoleId, formerOwnerRoleId }) =>
    withMember(withMember(team, fromUserId, formerOwnerRoleId), toUserId, ownerRoleId),
  MemberRemoved: (team, { userId }) => ({ ...team, members: without(team.members, userId) }),
  MemberLeft: (team, { userId }) => ({ ...team, members: without(team.members, userId) }),
};

function evolveOpen(team: OpenTeam, event: TeamEvent): TeamState {
  const evolver = evolvers[event.type] as (team: OpenTeam, data: TeamEvent['data']) => TeamState;
  return evolver(team, event.data);
}

const withRole = (team: OpenTeam, role: Role): OpenTeam => ({
  ...team,
  roles: { ...team.roles, [role.roleId]: role },
});

const withMember = (team: OpenTeam, userId: string, roleId: string): OpenTeam => ({
  ...team,
  members: { ...team.members, [userId]: roleId },
});

/** `undefined` for somebody who is no member, and for everybody in a team that is closed. */
export function memberRole(state: TeamState, userId: string): Role | undefined {
  if (state.status !== 'open') return undefined;
  const roleId = own(state.members, userId);
  return roleId === undefined ? undefined : own(state.roles, roleId);
}

/** `undefined` for a role that the team does not have, or no more. */
export function roleIn(state: TeamState, roleId: string): Role | undefined {
  return state.status === 'open' ? own(state.roles, roleId) : undefined;
}

/** Everybody who has the role of an Owner. */
export function ownersOf({ members, roles }: OpenTeam): readonly string[] {
  return Object.keys(members).filter((userId) => own(roles, own(members, userId) ?? '')?.kind === 'owner');
}

/** Nothing that every object has, such as `constructor`. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}
