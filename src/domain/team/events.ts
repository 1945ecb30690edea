/** Stored forever in `team-<teamId>`. Times are ISO 8601. Who did it stands in the event's metadata. */
export type TeamEvent =
  | { type: 'TeamCreated'; data: { teamId: string; name: string; createdBy: string; at: string } }
  | {
      /** The first event of the one team whose members run the platform; nobody is in it yet. */
      type: 'PlatformTeamFounded';
      data: { teamId: string; name: string; at: string };
    }
  | { type: 'TeamRenamed'; data: { teamId: string; name: string; at: string } }
  | {
      /** From now on a session in this team ends after so long without use. */
      type: 'SessionPolicyChanged';
      data: { teamId: string; idleTimeoutSeconds: number; at: string };
    }
  | {
      /** Nobody is a member any more. */
      type: 'TeamClosed';
      data: { teamId: string; at: string };
    }
  | RoleEvent
  | MemberEvent;

type RoleEvent =
  | {
      /** `kind` marks the roles that a team is born with. A grant is a permission, `category.*` or `*`. */
      type: 'RoleAdded';
      data: { teamId: string; roleId: string; name: string; kind: RoleKind; grants: readonly string[]; at: string };
    }
  | {
      /** `name` and `grants` as they are from now on, whichever of them has changed. */
      type: 'RoleChanged';
      data: { teamId: string; roleId: string; name: string; grants: readonly string[]; at: string };
    }
  | {
      /** Those who had it have been given another one before, in the same append. */
      type: 'RoleRetired';
      data: { teamId: string; roleId: string; at: string };
    };

type MemberEvent =
  | { type: 'MemberAdded'; data: { teamId: string; userId: string; roleId: string; at: string } }
  | {
      /** By the invitation whose round is `tokenId`; `invitedBy` is `null` where the installation itself invited. */
      type: 'MemberJoined';
      data: {
        teamId: string;
        userId: string;
        roleId: string;
        invitationId: string;
        tokenId: string;
        invitedBy: string | null;
        at: string;
      };
    }
  | {
      type: 'MemberRoleChanged';
      data: {
        teamId: string;
        userId: string;
        fromRoleId: string;
        roleId: string;
        reason: 'changed' | 'role-retired';
        at: string;
      };
    }
  | {
      /** `fromRoleId` is what the new Owner had; the former one goes on with `formerOwnerRoleId`. */
      type: 'OwnershipTransferred';
      data: {
        teamId: string;
        fromUserId: string;
        toUserId: string;
        fromRoleId: string;
        ownerRoleId: string;
        formerOwnerRoleId: string;
        at: string;
      };
    }
  | {
      /** By somebody else; `roleId` is what the member had. */
      type: 'MemberRemoved';
      data: { teamId: string; userId: string; roleId: string; at: string };
    }
  | {
      /** Of their own accord; `roleId` is what the member had. */
      type: 'MemberLeft';
      data: { teamId: string; userId: string; roleId: string; at: string };
    };

export type RoleKind = 'owner' | 'manager' | 'developer' | 'reviewer' | 'custom';
