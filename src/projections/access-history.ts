import type { Recorded } from '../application/ports.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import type { Projection, Writes } from './projection.ts';

/** When something came to be so, and by which event; it holds until the next row about the same. */
type Change = { position: string; event_id: string; at: string };

type AccessHistory = {
  /** A row holds the name, or that the team was closed. */
  access_teams: Change & { team_id: string; name: string | null; platform: boolean; closed: boolean };
  /** `grants` is `null` from its retirement on. */
  access_roles: Change & { team_id: string; role_id: string; name: string | null; grants: readonly string[] | null };
  /** `role_id` is `null` from when the person is no member any more. */
  access_members: Change & { team_id: string; user_id: string; role_id: string | null };
  /** What keeps a person out of everything, whatever their roles. */
  access_users: Change & { user_id: string; bar: Bar; barred: boolean };
  access_permissions: Change & { permission: string; present: boolean };
};

type Bar = 'deactivated' | 'locked' | 'erased';

/**
 * Who could do what, at every position of the log: a row for each change, none is ever written again. The periods
 * in between are made by the queries (`access-queries.ts`), since handlers may not read.
 */
export const accessHistory: Projection<AccessHistory> = {
  name: 'access_history',
  version: 1,
  keys: {
    access_teams: ['team_id', 'position'],
    access_roles: ['team_id', 'role_id', 'position'],
    access_members: ['team_id', 'user_id', 'position'],
    access_users: ['user_id', 'bar', 'position'],
    access_permissions: ['permission', 'position'],
  },
  schema: `
    create table access_teams (
      team_id uuid not null,
      position bigint not null,
      event_id uuid not null,
      at timestamptz not null,
      name text,
      platform boolean not null,
      closed boolean not null,
      primary key (team_id, position));
    create table access_roles (
      team_id uuid not null,
      role_id uuid not null,
      position bigint not null,
      event_id uuid not null,
      at timestamptz not null,
      name text,
      grants text[],
      primary key (team_id, role_id, position));
    create table access_members (
      team_id uuid not null,
      user_id uuid not null,
      position bigint not null,
      event_id uuid not null,
      at timestamptz not null,
      role_id uuid,
      primary key (team_id, user_id, position));
    create table access_users (
      user_id uuid not null,
      bar text not null,
      position bigint not null,
      event_id uuid not null,
      at timestamptz not null,
      barred boolean not null,
      primary key (user_id, bar, position));
    create table access_permissions (
      permission text not null,
      position bigint not null,
      event_id uuid not null,
      at timestamptz not null,
      present boolean not null,
      primary key (permission, position))`,
  indexes: `create index on access_members (user_id, team_id, position)`,
  on: {
    TeamCreated: (writes, recorded) => {
      const { teamId, name } = recorded.event.data;
      team(writes, recorded, { team_id: teamId, name, platform: false, closed: false });
    },
    PlatformTeamFounded: (writes, recorded) => {
      const { teamId, name } = recorded.event.data;
      team(writes, recorded, { team_id: teamId, name, platform: true, closed: false });
    },
    TeamRenamed: (writes, recorded) => {
      const { teamId, name } = recorded.event.data;
      team(writes, recorded, { team_id: teamId, name, platform: false, closed: false });
    },
    TeamClosed: (writes, recorded) => {
      team(writes, recorded, { team_id: recorded.event.data.teamId, name: null, platform: false, closed: true });
    },
    RoleAdded: holds,
    RoleChanged: holds,
    RoleRetired: (writes, recorded) => {
      const { teamId, roleId } = recorded.event.data;
      writes.insert('access_roles', { ...by(recorded), team_id: teamId, role_id: roleId, name: null, grants: null });
    },
    MemberAdded: isMember,
    MemberJoined: isMember,
    MemberRoleChanged: isMember,
    OwnershipTransferred: (writes, recorded) => {
      const { teamId, fromUserId, toUserId, ownerRoleId, formerOwnerRoleId } = recorded.event.data;
      member(writes, recorded, { team_id: teamId, user_id: fromUserId, role_id: formerOwnerRoleId });
      member(writes, recorded, { team_id: teamId, user_id: toUserId, role_id: ownerRoleId });
    },
    MemberRemoved: isNoMember,
    MemberLeft: isNoMember,
    UserDeactivated: bars('deactivated', true),
    UserReactivated: bars('deactivated', false),
    UserLocked: bars('locked', true),
    UserUnlocked: bars('locked', false),
    UserErased: bars('erased', true),
    PermissionAdded: (writes, recorded) => {
      permission(writes, recorded, true);
    },
    PermissionRetired: (writes, recorded) => {
      permission(writes, recorded, false);
    },
  },
};

type Rows<Table extends keyof AccessHistory> = Omit<AccessHistory[Table], keyof Change>;
type About<Type extends EventType> = Recorded<EventOf<Type>>;

const by = ({ position, id, recordedAt }: Recorded): Change => ({
  position: String(position),
  event_id: id,
  at: recordedAt.toISOString(),
});

function team(writes: Writes<AccessHistory>, recorded: Recorded, row: Rows<'access_teams'>): void {
  writes.insert('access_teams', { ...by(recorded), ...row });
}

function member(writes: Writes<AccessHistory>, recorded: Recorded, row: Rows<'access_members'>): void {
  writes.insert('access_members', { ...by(recorded), ...row });
}

function holds(writes: Writes<AccessHistory>, recorded: About<'RoleAdded' | 'RoleChanged'>): void {
  const { teamId, roleId, name, grants } = recorded.event.data;
  writes.insert('access_roles', { ...by(recorded), team_id: teamId, role_id: roleId, name, grants });
}

function isMember(
  writes: Writes<AccessHistory>,
  recorded: About<'MemberAdded' | 'MemberJoined' | 'MemberRoleChanged'>,
): void {
  const { teamId, userId, roleId } = recorded.event.data;
  member(writes, recorded, { team_id: teamId, user_id: userId, role_id: roleId });
}

function isNoMember(writes: Writes<AccessHistory>, recorded: About<'MemberRemoved' | 'MemberLeft'>): void {
  const { teamId, userId } = recorded.event.data;
  member(writes, recorded, { team_id: teamId, user_id: userId, role_id: null });
}

type UserBar = 'UserDeactivated' | 'UserReactivated' | 'UserLocked' | 'UserUnlocked' | 'UserErased';

function bars(bar: Bar, barred: boolean) {
  return (writes: Writes<AccessHistory>, recorded: About<UserBar>): void => {
    writes.insert('access_users', { ...by(recorded), user_id: recorded.event.data.userId, bar, barred });
  };
}

function permission(
  writes: Writes<AccessHistory>,
  recorded: About<'PermissionAdded' | 'PermissionRetired'>,
  present: boolean,
): void {
  writes.insert('access_permissions', { ...by(recorded), permission: recorded.event.data.permission, present });
}
