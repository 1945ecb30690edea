import type { CommandHandling } from './command-handler.ts';
import { endDeviceSessions } from './devices/end-device-sessions.ts';
import { removeDevice } from './devices/remove-device.ts';
import { acceptAsNewPerson, acceptAsUser } from './invitations/accept-invitation.ts';
import { claimAddress } from './invitations/claim-address.ts';
import { completeAcceptance } from './invitations/complete-acceptance.ts';
import { completeInvitedRegistration } from './invitations/complete-invited-registration.ts';
import { invitationOfToken } from './invitations/invitation-of-token.ts';
import { inviteMember } from './invitations/invite-member.ts';
import { resendInvitation, revokeInvitation } from './invitations/manage-invitation.ts';
import { previewInvitation } from './invitations/preview-invitation.ts';
import { registerInvited } from './invitations/register-invited.ts';
import { approveDevice } from './login/approve-device.ts';
import { awaitVerdict } from './login/await-verdict.ts';
import { completeLogin } from './login/complete-login.ts';
import { decideLogin } from './login/decide-login.ts';
import { describeLoginDecision } from './login/describe-login-decision.ts';
import { followDenial } from './login/follow-denial.ts';
import { getLogin } from './login/get-login.ts';
import { resendDeviceCode } from './login/resend-device-code.ts';
import { selectTeam } from './login/select-team.ts';
import { settleLogin, type SettleLogin } from './login/settle-login.ts';
import { startLogin } from './login/start-login.ts';
import { trustDevice } from './login/trust-device.ts';
import { expireSessions } from './maintenance/expire-sessions.ts';
import { lapseRegistrations } from './maintenance/lapse-registrations.ts';
import { sweepCredentials } from './maintenance/sweep-credentials.ts';
import { changePassword } from './passwords/change-password.ts';
import { choosePassword } from './passwords/choose-password.ts';
import { completePasswordChange } from './passwords/complete-password-change.ts';
import { forcePasswordChange } from './passwords/force-password-change.ts';
import { issuePasswordReset } from './passwords/issue-password-reset.ts';
import { judgePassword } from './passwords/judge-password.ts';
import { requestPasswordReset } from './passwords/request-password-reset.ts';
import { resetPassword } from './passwords/reset-password.ts';
import { seedPermissions } from './permissions/seed-permissions.ts';
import { requirePermission } from './teams/require-permission.ts';
import type { Limits, LoginLimit } from './limits.ts';
import type {
  AccessTokens,
  Clock,
  Credentials,
  Directory,
  GeoIp,
  Passwords,
  Pause,
  PersonalData,
  SessionCache,
  Tokens,
} from './ports.ts';
import { checkLoginPlace } from './places/check-login-place.ts';
import { rememberLoginPlace, type RememberLoginPlace } from './places/remember-login-place.ts';
import { completeRegistration } from './registration/complete-registration.ts';
import { completeVerification } from './registration/complete-verification.ts';
import { forgetRegistration } from './registration/forget-registration.ts';
import { requestVerification } from './registration/request-verification.ts';
import { resendVerification } from './registration/resend-verification.ts';
import { submitRegistration } from './registration/submit-registration.ts';
import { verifyEmail } from './registration/verify-email.ts';
import { cacheSessions, type CacheSessions } from './sessions/cache-sessions.ts';
import { checkSession } from './sessions/check-session.ts';
import { describeTakeover } from './sessions/describe-takeover.ts';
import { endSession } from './sessions/end-session.ts';
import { grantSession } from './sessions/grant-session.ts';
import { refreshSessionCache } from './sessions/refresh-session-cache.ts';
import { refreshSession } from './sessions/refresh-session.ts';
import { revokeSession } from './sessions/revoke-session.ts';
import { switchTeam } from './sessions/switch-team.ts';

export interface Ports extends CommandHandling {
  accessTokens: AccessTokens;
  clock: Clock;
  credentials: Credentials;
  deviceName: (userAgent: string) => string | null;
  directory: Directory;
  /** `null` where no provider is configured: then nobody looks where a login comes from. */
  geoIp: GeoIp | null;
  limits: Limits;
  loginLimit: LoginLimit;
  passwords: Passwords;
  pause: Pause;
  personalData: PersonalData;
  sessionCache: SessionCache;
  sessionSettings: { maxSessions: number; idleTimeoutSeconds: number };
  tokens: Tokens;
}

function passwordUseCases(ports: Ports, caching: { cacheSessions: CacheSessions }) {
  const complete = { ...ports, completePasswordChange: completePasswordChange({ ...ports, ...caching }) };
  const choosing = { ...ports, judgePassword: judgePassword(ports), choosePassword: choosePassword(complete) };
  return {
    requestPasswordReset: requestPasswordReset(ports),
    issuePasswordReset: issuePasswordReset(ports),
    resetPassword: resetPassword(choosing),
    changePassword: changePassword(choosing),
    forcePasswordChange: forcePasswordChange(complete),
    completePasswordChange: complete.completePasswordChange,
  };
}

function invitationUseCases(ports: Ports) {
  const checked = {
    ...ports,
    requirePermission: requirePermission(ports),
    invitationOfToken: invitationOfToken(ports),
  };
  const claiming = {
    ...ports,
    claimAddress: claimAddress({ ...ports, forgetRegistration: forgetRegistration(ports) }),
  };
  const registering = { ...checked, completeInvitedRegistration: completeInvitedRegistration(claiming) };
  const accepting = {
    ...registering,
    registerInvited: registerInvited(registering),
    completeAcceptance: completeAcceptance(ports),
  };
  return {
    requirePermission: checked.requirePermission,
    inviteMember: inviteMember(checked),
    resendInvitation: resendInvitation(checked),
    revokeInvitation: revokeInvitation(checked),
    previewInvitation: previewInvitation(checked),
    acceptAsNewPerson: acceptAsNewPerson(accepting),
    acceptAsUser: acceptAsUser(accepting),
    completeInvitedRegistration: registering.completeInvitedRegistration,
    completeAcceptance: accepting.completeAcceptance,
  };
}

function settlingSteps(ports: Ports, caching: { cacheSessions: CacheSessions }) {
  const ending = { ...ports, ...caching };
  const removing = { ...ending, endDeviceSessions: endDeviceSessions(ending) };
  const denying = { ...ending, followDenial: followDenial({ ...ending, removeDevice: removeDevice(removing) }) };
  return {
    endDeviceSessions: removing.endDeviceSessions,
    settleLogin: settleLogin(denying),
    rememberLoginPlace: rememberLoginPlace(ports),
  };
}

function locationUseCases(
  ports: Ports,
  settling: { settleLogin: SettleLogin; rememberLoginPlace: RememberLoginPlace },
) {
  const steps = { ...ports, ...settling };
  return {
    checkLoginPlace: checkLoginPlace(steps),
    settleLogin: settling.settleLogin,
    rememberLoginPlace: settling.rememberLoginPlace,
    decideLogin: decideLogin(steps),
    describeLoginDecision: describeLoginDecision(ports),
  };
}

/** Every use case of the service over one set of ports. */
export function useCases(ports: Ports) {
  const cached = { ...ports, cacheSessions: cacheSessions(ports), grantSession: grantSession(ports) };
  const settling = { ...cached, ...settlingSteps(ports, cached) };
  const steps = {
    ...settling,
    awaitVerdict: awaitVerdict(ports),
    completeVerification: completeVerification(ports),
    trustDevice: trustDevice(ports),
    completeLogin: completeLogin(settling),
    describeTakeover: describeTakeover(ports),
  };
  return {
    submitRegistration: submitRegistration(ports),
    completeRegistration: completeRegistration(ports),
    requestVerification: requestVerification(ports),
    resendVerification: resendVerification(ports),
    verifyEmail: verifyEmail(steps),
    completeVerification: steps.completeVerification,
    forgetRegistration: forgetRegistration(ports),
    startLogin: startLogin(steps),
    getLogin: getLogin(ports),
    approveDevice: approveDevice(steps),
    resendDeviceCode: resendDeviceCode(ports),
    trustDevice: steps.trustDevice,
    selectTeam: selectTeam({ ...steps, revokeSession: revokeSession(cached) }),
    completeLogin: steps.completeLogin,
    ...locationUseCases(ports, steps),
    checkSession: checkSession(steps),
    refreshSession: refreshSession(cached),
    refreshSessionCache: refreshSessionCache(cached),
    revokeSession: revokeSession(cached),
    endSession: endSession(cached),
    switchTeam: switchTeam(cached),
    removeDevice: removeDevice(steps),
    endDeviceSessions: steps.endDeviceSessions,
    expireSessions: expireSessions(cached),
    lapseRegistrations: lapseRegistrations(ports),
    sweepCredentials: sweepCredentials(ports),
    ...passwordUseCases(ports, cached),
    ...invitationUseCases(ports),
    seedPermissions: seedPermissions(ports),
  };
}
