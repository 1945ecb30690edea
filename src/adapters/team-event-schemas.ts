import { z } from 'zod';
import type { EventOf } from '../domain/events.ts';
import type { TeamEvent } from '../domain/team/events.ts';

const id = z.string().min(1);
const text = z.string();
const time = z.iso.datetime();
const about = { teamId: id, at: time };

/** The data of what happens to a team, its roles and its members. */
export const teamSchemas = {
  TeamCreated: z.strictObject({ ...about, name: text, createdBy: id }),
  PlatformTeamFounded: z.strictObject({ ...about, name: text }),
  TeamRenamed: z.strictObject({ ...about, name: text }),
  SessionPolicyChanged: z.strictObject({ ...about, idleTimeoutSeconds: z.int().positive() }),
  TeamClosed: z.strictObject(about),
  RoleAdded: z.strictObject({
    ...about,
    roleId: id,
    name: text,
    kind: z.enum(['owner', 'manager', 'developer', 'reviewer', 'custom']),
    grants: z.array(text),
  }),
  RoleChanged: z.strictObject({ ...about, roleId: id, name: text, grants: z.array(text) }),
  RoleRetired: z.strictObject({ ...about, roleId: id }),
  MemberAdded: z.strictObject({ ...about, userId: id, roleId: id }),
  MemberJoined: z.strictObject({
    ...about,
    userId: id,
    roleId: id,
    invitationId: id,
    tokenId: id,
    invitedBy: id.nullable(),
  }),
  MemberRoleChanged: z.strictObject({
    ...about,
    userId: id,
    fromRoleId: id,
    roleId: id,
    reason: z.enum(['changed', 'role-retired']),
  }),
  OwnershipTransferred: z.strictObject({
    ...about,
    fromUserId: id,
    toUserId: id,
    fromRoleId: id,
    ownerRoleId: id,
    formerOwnerRoleId: id,
  }),
  MemberRemoved: z.strictObject({ ...about, userId: id, roleId: id }),
  MemberLeft: z.strictObject({ ...about, userId: id, roleId: id }),
} satisfies { readonly [Type in TeamEvent['type']]: z.ZodType<EventOf<Type>['data']> };
