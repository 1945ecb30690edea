import { describeChange, describeState } from './audit/describe-state.ts';
import { recordAuditRead } from './audit/record-audit-read.ts';
import { accessOf } from './access/access-of.ts';
import { announceCurrentTeam } from './access/announce-current-team.ts';
import { announceTeam } from './access/announce-team.ts';
import { teamCopies } from './access/team-copies.ts';
import { endDeviceSessions } from './devices/end-device-sessions.ts';
import { removeDevice } from './devices/remove-device.ts';
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
import { permissionsInForce } from './permissions/permissions-in-force.ts';
import { seedPermissions } from './permissions/seed-permissions.ts';
import { platformUseCases } from './platform/platform-use-cases.ts';
import { teamUseCases } from './team-use-cases.ts';
import { checkLoginPlace } from './places/check-login-place.ts';
import { rememberLoginPlace, type RememberLoginPlace } from './places/remember-login-place.ts';
import { completeRegistration } from './registration/complete-registration.ts';
import { completeVerification, type CompleteVerification } from './registration/complete-verification.ts';
import { forgetRegistration } from './registration/forget-registration.ts';
import { requestVerification } from './registration/request-verification.ts';
import { resendVerification } from './registration/resend-verification.ts';
import { submitRegistration } from './registration/submit-registration.ts';
import { verifyEmail } from './registration/verify-email.ts';
import { cacheSessions, type CacheSessions } from './sessions/cache-sessions.ts';
import { checkSession } from './sessions/check-session.ts';
import { describeTakeover } from './sessions/describe-takeover.ts';
import { endSession } from './sessions/end-session.ts';
import { followTeam } from './sessions/follow-team.ts';
import { followTeamClosing } from './sessions/follow-team-closing.ts';
import { followTeamPolicy } from './sessions/follow-team-policy.ts';
import { grantSession } from './sessions/grant-session.ts';
import { lookUpSession } from './sessions/look-up-session.ts';
import { refreshSessionCache } from './sessions/refresh-session-cache.ts';
import { refreshSession } from './sessions/refresh-session.ts';
import { revokeSession } from './sessions/revoke-session.ts';
import { startSession } from './sessions/start-session.ts';
import { switchTeam } from './sessions/switch-team.ts';
import { teamOfSession } from './sessions/team-of-session.ts';
import { invitationUseCases } from './invitation-use-cases.ts';
import { passwordUseCases } from './password-use-cases.ts';
import { provePassword } from './passwords/prove-password.ts';
import { erasureUseCases } from './erasure-use-cases.ts';
import { recentStates } from './recent-states.ts';
import { finishJoining } from './registration/finish-joining.ts';
import type { Ports } from './use-case-ports.ts';

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

function accessUseCases(ports: Ports) {
  const announcing = { ...ports, announceTeam: announceTeam(ports), teamCopies: teamCopies(ports) };
  return { accessOf: accessOf(announcing), announceCurrentTeam: announceCurrentTeam(announcing) };
}

function sessionSteps(ports: Ports) {
  const steps = {
    ...ports,
    cacheSessions: cacheSessions(ports),
    grantSession: grantSession(ports),
    provePassword: provePassword(ports),
    teamOfSession: teamOfSession(ports),
  };
  return { ...steps, followTeam: followTeam(steps), startSession: startSession(steps) };
}

function followingUseCases(steps: ReturnType<typeof sessionSteps>) {
  return {
    followTeam: steps.followTeam,
    followTeamPolicy: followTeamPolicy(steps),
    followTeamClosing: followTeamClosing(steps),
  };
}

const teamSteps = (ports: Ports) => ({
  ...ports,
  announceTeam: announceTeam(ports),
  permissionsInForce: permissionsInForce(ports),
});

/** What the clock asks for. */
function maintenanceUseCases(steps: ReturnType<typeof sessionSteps>) {
  return {
    expireSessions: expireSessions(steps),
    lapseRegistrations: lapseRegistrations(steps),
    sweepCredentials: sweepCredentials(steps),
  };
}

function registrationUseCases(ports: Ports, verifying: { completeVerification: CompleteVerification }) {
  return {
    submitRegistration: submitRegistration(ports),
    completeRegistration: completeRegistration(ports),
    requestVerification: requestVerification(ports),
    resendVerification: resendVerification(ports),
    verifyEmail: verifyEmail({ ...ports, ...verifying }),
    completeVerification: verifying.completeVerification,
    forgetRegistration: forgetRegistration(ports),
  };
}

/** Every use case of the service over one set of ports. */
export function useCases(given: Ports) {
  const ports = { recent: recentStates(), ...given };
  const cached = sessionSteps(ports);
  const settling = { ...cached, ...settlingSteps(ports, cached) };
  const steps = {
    ...settling,
    awaitVerdict: awaitVerdict(ports),
    completeVerification: completeVerification(ports),
    trustDevice: trustDevice(ports),
    completeLogin: completeLogin(settling),
    describeTakeover: describeTakeover(ports),
  };
  const passwords = passwordUseCases(ports, cached);
  const invitations = invitationUseCases(ports);
  const teams = teamUseCases(teamSteps(ports));
  const joining = { ...steps, finishJoining: finishJoining({ ...steps, ...invitations }) };
  return {
    ...registrationUseCases(ports, steps),
    startLogin: startLogin(joining),
    getLogin: getLogin(joining),
    approveDevice: approveDevice(joining),
    resendDeviceCode: resendDeviceCode(joining),
    trustDevice: steps.trustDevice,
    selectTeam: selectTeam({ ...steps, revokeSession: revokeSession(cached) }),
    completeLogin: steps.completeLogin,
    ...locationUseCases(ports, steps),
    checkSession: checkSession({ ...steps, lookUpSession: lookUpSession(cached) }),
    ...accessUseCases(ports),
    refreshSession: refreshSession(cached),
    refreshSessionCache: refreshSessionCache(cached),
    revokeSession: revokeSession(cached),
    endSession: endSession(cached),
    switchTeam: switchTeam(cached),
    ...followingUseCases(cached),
    removeDevice: removeDevice(steps),
    endDeviceSessions: steps.endDeviceSessions,
    ...maintenanceUseCases(cached),
    ...passwords,
    ...platformUseCases({ ...cached, ...passwords }),
    ...invitations,
    ...erasureUseCases({ ...cached, ...teams }),
    seedPermissions: seedPermissions(ports),
    ...teams,
    recordAuditRead: recordAuditRead(ports),
    describeChange: describeChange(ports),
    describeState: describeState(ports),
  };
}
