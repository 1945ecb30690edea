import type { Moment } from '../application/audit/describe-state.ts';
import type { TeamOfUser } from '../application/ports.ts';
import type { AccessDiffPage, AccessPage } from '../projections/access-pages.ts';
import type { Access } from '../projections/access-queries.ts';
import type { AccessScope, Span } from '../projections/access-rows.ts';
import type { AuditEventDetail } from '../projections/audit-event.ts';
import type { AuditEntry } from '../projections/audit-queries.ts';
import type { AuditFilter, AuditOrder, Visibility } from '../projections/audit-select.ts';
import type { OperationQueries } from './operation-dependencies.ts';
import type { Page, PageRequest } from '../projections/cursor.ts';
import type { Device } from '../projections/devices.ts';
import type { InvitationOfTeam } from '../projections/invitations.ts';
import type { LoginAttempt } from '../projections/login-activity.ts';
import type { AsOf } from '../projections/moments.ts';
import type { ProofQueries } from '../projections/proof/queries.ts';
import type { SessionDetails } from '../projections/sessions.ts';
import type { MemberOfTeam } from '../projections/team-queries.ts';
import type { Membership as MembershipWithGrants } from '../projections/teams.ts';
import type { UserProfile } from '../projections/users.ts';

/** What the routes ask of the read models. Pages throw `InvalidCursor`. */
export interface Queries extends OperationQueries {
  userProfile(userId: string): Promise<UserProfile | undefined>;
  /** Everybody who has registered, the newest first; with `email`, whoever has this very address. */
  users(search: { readonly email?: string | undefined }, page: PageRequest): Promise<Page<UserProfile>>;
  /** Of whoever has a session: as it was within the last seconds. */
  callerProfile(userId: string): Promise<Pick<UserProfile, 'name' | 'email'> | undefined>;
  membership(teamId: string, userId: string): Promise<Membership | undefined>;
  activeSessions(userId: string): Promise<readonly SessionInUse[]>;
  devices(userId: string): Promise<readonly Device[]>;
  /** Also those that ended; newest first. */
  sessions(userId: string, limit: number): Promise<readonly SessionDetails[]>;
  teams(userId: string): Promise<readonly TeamOfUser[]>;
  loginActivity(userId: string, page: PageRequest): Promise<Page<LoginAttempt>>;
  members(teamId: string, page: PageRequest): Promise<Page<MemberOfTeam>>;
  invitations(teamId: string, page: PageRequest): Promise<Page<InvitationOfTeam>>;
  auditEvents(filter: AuditSearch, page: AuditPage, visibleTo: Visibility): Promise<Page<AuditEntry>>;
  auditStream(name: string, page: AuditPage, visibleTo: Visibility): Promise<Page<AuditEntry>>;
  auditEvent(eventId: string, visibleTo: Visibility): Promise<AuditEventDetail | undefined>;
  auditStreamSeen(
    name: string,
    position: string,
    visibleTo: Visibility,
  ): Promise<{ readonly events: number; readonly visible: number }>;
  asOf(moment: Moment): Promise<AsOf>;
  accessAt(scope: AccessScope, position: string, page: AccessPage, permission?: string): Promise<Page<Access>>;
  accessDiff(scope: AccessScope, span: Span, page: AccessPage): Promise<AccessDiffPage>;
  permissions(): Promise<readonly { readonly permission: string; readonly description: string }[]>;
  readonly proof: ProofQueries;
}

export interface SessionInUse extends SessionDetails {
  /** `null` while nobody knows: the record of uses has been lost, or is away. */
  readonly lastSeenAt: string | null;
}

/** Also by the address of a client, for as long as its person is not erased. */
export type AuditSearch = Omit<AuditFilter, 'ipHashes'> & { readonly ip?: string | undefined };

export type AuditPage = PageRequest & { readonly order?: AuditOrder };

export interface Membership extends Omit<MembershipWithGrants, 'grants'> {
  /** Permissions of the catalogue, wildcards resolved. */
  readonly permissions: readonly string[];
}
