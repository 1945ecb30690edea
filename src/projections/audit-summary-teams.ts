import { installationName } from '../domain/invitation/events.ts';
import type { TeamEvent } from '../domain/team/events.ts';
import type { Sentence } from './audit-wording.ts';

export const teamSentences: { readonly [Type in TeamEvent['type']]: Sentence<Type> } = {
  TeamCreated: ({ name, createdBy }, say) => `${say.user(createdBy)} created team ${name}`,
  PlatformTeamFounded: ({ name }) => `The platform team ${name} was founded`,
  TeamRenamed: ({ name }) => `A team was renamed to ${name}`,
  SessionPolicyChanged: ({ teamId, idleTimeoutSeconds }, say) =>
    `Sessions in team ${say.team(teamId)} end after ${idleTimeoutSeconds} seconds without use`,
  TeamClosed: ({ teamId }, say) => `Team ${say.team(teamId)} was closed`,
  RoleAdded: ({ teamId, name }, say) => `Role ${name} was added to team ${say.team(teamId)}`,
  RoleChanged: ({ teamId, name, grants }, say) =>
    `Role ${name} of team ${say.team(teamId)} was changed: it holds ${grants.length === 0 ? 'nothing' : grants.join(', ')}`,
  RoleRetired: ({ teamId, roleId }, say) => `Role ${say.role(roleId)} of team ${say.team(teamId)} was retired`,
  MemberAdded: ({ teamId, userId, roleId }, say) =>
    `${say.user(userId)} became a member of team ${say.team(teamId)} as ${say.role(roleId)}`,
  MemberJoined: ({ teamId, userId, invitedBy }, say) =>
    `${say.user(userId)} joined team ${say.team(teamId)} by invitation of ${invitedBy === null ? installationName : say.user(invitedBy)}`,
  MemberRoleChanged: ({ teamId, userId, fromRoleId, roleId, reason }, say) =>
    `${say.actor()} made ${say.user(userId)} ${say.role(roleId)} in team ${say.team(teamId)}${
      reason === 'role-retired'
        ? `: role ${say.role(fromRoleId)} was retired`
        : `, who was ${say.role(fromRoleId)} before`
    }`,
  OwnershipTransferred: ({ teamId, fromUserId, toUserId }, say) =>
    `${say.user(fromUserId)} made ${say.user(toUserId)} the Owner of team ${say.team(teamId)} in their place`,
  MemberRemoved: ({ teamId, userId }, say) => `${say.user(userId)} was removed from team ${say.team(teamId)}`,
  MemberLeft: ({ teamId, userId }, say) => `${say.user(userId)} left team ${say.team(teamId)}`,
};
