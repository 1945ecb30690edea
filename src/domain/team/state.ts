import type { RoleKind, TeamEvent } from './events.ts';

export interface Role {
  readonly roleId: string;
  readonly name: string;
  readonly kind: RoleKind;
  readonly grants: readonly string[];
}

export type TeamState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'open';
      readonly name: string;
      readonly roles: Readonly<Record<string, Role>>;
      /** From user to role. */
      readonly members: Readonly<Record<string, string>>;
    };

export const initialState: TeamState = { status: 'unknown' };

export function evolve(state: TeamState, event: TeamEvent): TeamState {
  switch (event.type) {
    case 'TeamCreated':
      return state.status === 'unknown' ? { status: 'open', name: event.data.name, roles: {}, members: {} } : state;
    case 'RoleAdded': {
      if (state.status === 'unknown') return state;
      const { roleId, name, kind, grants } = event.data;
      return { ...state, roles: { ...state.roles, [roleId]: { roleId, name, kind, grants } } };
    }
    case 'MemberAdded':
      if (state.status === 'unknown') return state;
      return { ...state, members: { ...state.members, [event.data.userId]: event.data.roleId } };
  }
}

/** `undefined` for somebody who is no member. */
export function memberRole(state: TeamState, userId: string): Role | undefined {
  if (state.status === 'unknown') return undefined;
  const roleId = own(state.members, userId);
  return roleId === undefined ? undefined : own(state.roles, roleId);
}

/** Nothing that every object has, such as `constructor`. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
