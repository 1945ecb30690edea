/** Stored forever in `team-<teamId>`. Times are ISO 8601. */
export type TeamEvent =
  | { type: 'TeamCreated'; data: { teamId: string; name: string; createdBy: string; at: string } }
  | {
      /** `kind` marks the three roles that every team is born with. A grant is a permission, `category.*` or `*`. */
      type: 'RoleAdded';
      data: { teamId: string; roleId: string; name: string; kind: RoleKind; grants: readonly string[]; at: string };
    }
  | { type: 'MemberAdded'; data: { teamId: string; userId: string; roleId: string; at: string } }
  | {
      /** By the invitation whose round is `tokenId`. */
      type: 'MemberJoined';
      data: {
        teamId: string;
        userId: string;
        roleId: string;
        invitationId: string;
        tokenId: string;
        invitedBy: string;
        at: string;
      };
    };

export type RoleKind = 'owner' | 'manager' | 'developer' | 'custom';
