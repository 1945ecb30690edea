import type { TeamOfUser } from '../application/ports.ts';
import type { AuditEntry } from '../projections/audit-queries.ts';
import type { AuditFilter, AuditOrder, Visibility } from '../projections/audit-select.ts';
import type { Page, PageRequest } from '../projections/cursor.ts';
import type { Device } from '../projections/devices.ts';
import type { InvitationOfTeam } from '../projections/invitations.ts';
import type { LoginAttempt } from '../projections/login-activity.ts';
import type { SessionDetails } from '../projections/sessions.ts';
import type { Membership as MembershipWithGrants } from '../projections/teams.ts';
import type { UserProfile } from '../projections/users.ts';

/** What the routes ask of the read models. Pages throw `InvalidCursor`. */
export interface Queries {
  userProfile(
    userId: string,
  ): Promise<Pick<UserProfile, 'userId' | 'name' | 'email' | 'registeredAt' | 'verifiedAt'> | undefined>;
  membership(teamId: string, userId: string): Promise<Membership | undefined>;
  activeSessions(userId: string): Promise<readonly SessionInUse[]>;
  devices(userId: string): Promise<readonly Device[]>;
  /** Also those that ended; newest first. */
  sessions(userId: string, limit: number): Promise<readonly SessionDetails[]>;
  teams(userId: string): Promise<readonly TeamOfUser[]>;
  loginActivity(userId: string, page: PageRequest): Promise<Page<LoginAttempt>>;
  invitations(teamId: string, page: PageRequest): Promise<Page<InvitationOfTeam>>;
  auditEvents(filter: AuditFilter, page: AuditPage, visibleTo: Visibility): Promise<Page<AuditEntry>>;
  auditStream(name: string, page: AuditPage, visibleTo: Visibility): Promise<Page<AuditEntry>>;
  permissions(): Promise<readonly { readonly permission: string; readonly description: string }[]>;
}

export interface SessionInUse extends SessionDetails {
  /** `null` while nobody knows: the record of uses has been lost, or is away. */
  readonly lastSeenAt: string | null;
}

export type AuditPage = PageRequest & { readonly order?: AuditOrder };

export interface Membership extends Omit<MembershipWithGrants, 'grants'> {
  /** Permissions of the catalogue, wildcards resolved. */
  readonly permissions: readonly string[];
}
