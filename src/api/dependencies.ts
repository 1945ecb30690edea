import type { Logger } from 'pino';
import type { AccessOf } from '../application/access/access-of.ts';
import type { DescribeChange, DescribeState } from '../application/audit/describe-state.ts';
import type { RecordAuditRead } from '../application/audit/record-audit-read.ts';
import type { RemoveDevice } from '../application/devices/remove-device.ts';
import type { EraseMyself } from '../application/erasure/erase-myself.ts';
import type { ErasePerson } from '../application/erasure/erase-person.ts';
import type { AcceptAsNewPerson, AcceptAsUser } from '../application/invitations/accept-invitation.ts';
import type { InviteMember } from '../application/invitations/invite-member.ts';
import type { ResendInvitation, RevokeInvitation } from '../application/invitations/manage-invitation.ts';
import type { PreviewInvitation } from '../application/invitations/preview-invitation.ts';
import type { ApproveDevice } from '../application/login/approve-device.ts';
import type { CreateTeamInLogin } from '../application/login/create-team-in-login.ts';
import type { DecideLogin } from '../application/login/decide-login.ts';
import type { DescribeLoginDecision } from '../application/login/describe-login-decision.ts';
import type { GetLogin } from '../application/login/get-login.ts';
import type { ResendDeviceCode } from '../application/login/resend-device-code.ts';
import type { SelectTeam } from '../application/login/select-team.ts';
import type { StartLogin } from '../application/login/start-login.ts';
import type { Limits } from '../application/limits.ts';
import type { Tracing } from '../application/tracing.ts';
import type { Idempotency } from '../application/idempotency.ts';
import type { AccessTokens, Clock, NewId, Tokens } from '../application/ports.ts';
import type { ChangePassword } from '../application/passwords/change-password.ts';
import type { RequestPasswordReset } from '../application/passwords/request-password-reset.ts';
import type { ResetPassword } from '../application/passwords/reset-password.ts';
import type { ResendVerification } from '../application/registration/resend-verification.ts';
import type { SubmitRegistration } from '../application/registration/submit-registration.ts';
import type { VerifyEmail } from '../application/registration/verify-email.ts';
import type { CheckSession } from '../application/sessions/check-session.ts';
import type { EndSession } from '../application/sessions/end-session.ts';
import type { RefreshSession } from '../application/sessions/refresh-session.ts';
import type { RevokeSession } from '../application/sessions/revoke-session.ts';
import type { SwitchTeam } from '../application/sessions/switch-team.ts';
import type { CreateTeam } from '../application/teams/create-team.ts';
import type { LeaveTeam } from '../application/teams/leave-team.ts';
import type { RequireMember } from '../application/teams/require-member.ts';
import type { TransferOwnership } from '../application/teams/transfer-ownership.ts';
import type { ChangeMember, RemoveMember } from '../application/teams/manage-members.ts';
import type { AddRole, ChangeRole, RetireRole } from '../application/teams/manage-roles.ts';
import type { CloseTeam, RenameTeam, SetSessionPolicy } from '../application/teams/manage-team.ts';
import type { RequirePermission } from '../application/teams/require-permission.ts';
import type { AdministerUser } from '../application/users/administrator.ts';
import type { RequirePlatformPermission } from '../application/users/require-platform-permission.ts';
import type { ProjectionStatus } from '../projections/status.ts';
import type { AdmissionDependencies } from './admission.ts';
import type { ObservedRequest } from './observed-request.ts';
import type { OperationUseCases } from './operation-dependencies.ts';
import type { Queries } from './queries.ts';

export interface UseCases extends OperationUseCases {
  readonly submitRegistration: SubmitRegistration;
  readonly verifyEmail: VerifyEmail;
  readonly resendVerification: ResendVerification;
  readonly requirePermission: RequirePermission;
  readonly requireMember: RequireMember;
  readonly createTeam: CreateTeam;
  readonly createTeamInLogin: CreateTeamInLogin;
  readonly renameTeam: RenameTeam;
  readonly setSessionPolicy: SetSessionPolicy;
  readonly closeTeam: CloseTeam;
  readonly addRole: AddRole;
  readonly changeRole: ChangeRole;
  readonly retireRole: RetireRole;
  readonly changeMember: ChangeMember;
  readonly removeMember: RemoveMember;
  readonly leaveTeam: LeaveTeam;
  readonly transferOwnership: TransferOwnership;
  readonly inviteMember: InviteMember;
  readonly resendInvitation: ResendInvitation;
  readonly revokeInvitation: RevokeInvitation;
  readonly previewInvitation: PreviewInvitation;
  readonly acceptAsNewPerson: AcceptAsNewPerson;
  readonly acceptAsUser: AcceptAsUser;
  readonly startLogin: StartLogin;
  readonly getLogin: GetLogin;
  readonly approveDevice: ApproveDevice;
  readonly resendDeviceCode: ResendDeviceCode;
  readonly selectTeam: SelectTeam;
  readonly describeLoginDecision: DescribeLoginDecision;
  readonly decideLogin: DecideLogin;
  readonly refreshSession: RefreshSession;
  readonly revokeSession: RevokeSession;
  readonly checkSession: CheckSession;
  readonly accessOf: AccessOf;
  readonly requestPasswordReset: RequestPasswordReset;
  readonly resetPassword: ResetPassword;
  readonly changePassword: ChangePassword;
  readonly eraseMyself: EraseMyself;
  readonly erasePerson: ErasePerson;
  readonly endSession: EndSession;
  readonly switchTeam: SwitchTeam;
  readonly removeDevice: RemoveDevice;
  readonly requirePlatformPermission: RequirePlatformPermission;
  readonly lockUser: AdministerUser;
  readonly unlockUser: AdministerUser;
  readonly deactivateUser: AdministerUser;
  readonly reactivateUser: AdministerUser;
  readonly demandPasswordChange: AdministerUser;
  readonly recordAuditRead: RecordAuditRead;
  readonly describeChange: DescribeChange;
  readonly describeState: DescribeState;
}

export interface Readiness {
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, { readonly status: string; readonly circuit?: string }>>;
  readonly projections: readonly ProjectionStatus[];
}

export interface ApiDependencies {
  readonly useCases: UseCases;
  readonly queries: Queries;
  readonly tokens: Pick<Tokens, 'issue' | 'read' | 'newDeviceToken'>;
  readonly sessionSettings: { readonly maxSessions: number };
  readonly accessTokens: Pick<AccessTokens, 'publicKeys'>;
  readonly idempotency: Idempotency;
  readonly limits: Pick<Limits, 'mailsOfIp'>;
  /** Resolves to whether every read model has reached the position within two seconds. */
  readonly waitForPosition: (position: bigint) => Promise<boolean>;
  readonly newId: NewId;
  readonly clock: Clock;
  /** Browser and system, for people to recognise; `null` where neither is known. */
  readonly deviceName: (userAgent: string) => string | null;
  readonly logger: Logger;
  /** Addresses and networks whose `X-Forwarded-For` is believed; `loopback` is a name for one. */
  readonly trustProxy: readonly string[];
  readonly publicUrl: string;
  readonly readiness: () => Promise<Readiness>;
  /** Prometheus text exposition format. */
  readonly metricsText: () => Promise<string>;
  readonly observeRequest: (request: ObservedRequest) => void;
  readonly tracing?: Tracing | undefined;
  readonly admission: AdmissionDependencies;
  /** Judges the `Authorization` of the mail provider; not there: it tells us nothing. */
  readonly webhookAuthorised?: ((authorization: string | undefined) => boolean) | undefined;
  /** What the front page points to besides the documentation. */
  readonly links: { readonly mailbox?: string; readonly console?: string };
}
