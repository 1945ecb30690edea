import type { RoleKind, TeamEvent } from './events.ts';

/** An acceptance is handled again within a day or so, if at all. */
const acceptancesKept = 1000;

export interface Role {
  readonly roleId: string;
  readonly name: string;
  readonly kind: RoleKind;
  readonly grants: readonly string[];
}

export interface OpenTeam {
  readonly status: 'open';
  readonly name: string;
  readonly roles: Readonly<Record<string, Role>>;
  /** From user to role. */
  readonly members: Readonly<Record<string, string>>;
  /** Rounds of invitations that made somebody a member: each does so once, even if that member has left since. */
  readonly acceptances: readonly string[];
}

export type TeamState = { readonly status: 'unknown' } | OpenTeam;

export const initialState: TeamState = { status: 'unknown' };

export function evolve(state: TeamState, event: TeamEvent): TeamState {
  switch (event.type) {
    case 'TeamCreated':
      return state.status === 'unknown' ? newTeam(event.data.name) : state;
    case 'RoleAdded': {
      if (state.status === 'unknown') return state;
      const { roleId, name, kind, grants } = event.data;
      return { ...state, roles: { ...state.roles, [roleId]: { roleId, name, kind, grants } } };
    }
    case 'MemberAdded':
      if (state.status === 'unknown') return state;
      return { ...state, members: { ...state.members, [event.data.userId]: event.data.roleId } };
    case 'MemberJoined': {
      if (state.status === 'unknown') return state;
      const { userId, roleId, tokenId } = event.data;
      const acceptances = [...state.acceptances, tokenId].slice(-acceptancesKept);
      return { ...state, members: { ...state.members, [userId]: roleId }, acceptances };
    }
  }
}

const newTeam = (name: string): OpenTeam => ({ status: 'open', name, roles: {}, members: {}, acceptances: [] });

/** `undefined` for somebody who is no member. */
export function memberRole(state: TeamState, userId: string): Role | undefined {
  if (state.status === 'unknown') return undefined;
  const roleId = own(state.members, userId);
  return roleId === undefined ? undefined : own(state.roles, roleId);
}

/** `undefined` for a role that the team does not have, or no more. */
export function roleIn(state: TeamState, roleId: string): Role | undefined {
  return state.status === 'unknown' ? undefined : own(state.roles, roleId);
}

/** Nothing that every object has, such as `constructor`. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
