import type { CommandHandling } from './command-handler.ts';
import { approveDevice } from './login/approve-device.ts';
import { completeLogin } from './login/complete-login.ts';
import { getLogin } from './login/get-login.ts';
import { resendDeviceCode } from './login/resend-device-code.ts';
import { selectTeam } from './login/select-team.ts';
import { startLogin } from './login/start-login.ts';
import { trustDevice } from './login/trust-device.ts';
import { expireSessions } from './maintenance/expire-sessions.ts';
import { lapseRegistrations } from './maintenance/lapse-registrations.ts';
import { sweepCredentials } from './maintenance/sweep-credentials.ts';
import { seedPermissions } from './permissions/seed-permissions.ts';
import type {
  AccessTokens,
  Clock,
  Credentials,
  Directory,
  LoginLimit,
  Passwords,
  PersonalData,
  SessionCache,
  Tokens,
} from './ports.ts';
import { completeRegistration } from './registration/complete-registration.ts';
import { completeVerification } from './registration/complete-verification.ts';
import { forgetRegistration } from './registration/forget-registration.ts';
import { requestVerification } from './registration/request-verification.ts';
import { resendVerification } from './registration/resend-verification.ts';
import { submitRegistration } from './registration/submit-registration.ts';
import { verifyEmail } from './registration/verify-email.ts';
import { cacheSessions } from './sessions/cache-sessions.ts';
import { checkSession } from './sessions/check-session.ts';
import { describeTakeover } from './sessions/describe-takeover.ts';
import { grantSession } from './sessions/grant-session.ts';
import { refreshSessionCache } from './sessions/refresh-session-cache.ts';
import { refreshSession } from './sessions/refresh-session.ts';
import { revokeSession } from './sessions/revoke-session.ts';

export interface Ports extends CommandHandling {
  accessTokens: AccessTokens;
  clock: Clock;
  credentials: Credentials;
  deviceName: (userAgent: string) => string | null;
  directory: Directory;
  loginLimit: LoginLimit;
  passwords: Passwords;
  personalData: PersonalData;
  sessionCache: SessionCache;
  sessionSettings: { maxSessions: number; idleTimeoutSeconds: number };
  tokens: Tokens;
}

/** Every use case of the service over one set of ports. */
export function useCases(ports: Ports) {
  const cached = { ...ports, cacheSessions: cacheSessions(ports), grantSession: grantSession(ports) };
  const steps = {
    ...cached,
    completeVerification: completeVerification(ports),
    trustDevice: trustDevice(ports),
    completeLogin: completeLogin(cached),
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
    startLogin: startLogin(ports),
    getLogin: getLogin(ports),
    approveDevice: approveDevice(steps),
    resendDeviceCode: resendDeviceCode(ports),
    trustDevice: steps.trustDevice,
    selectTeam: selectTeam(steps),
    completeLogin: steps.completeLogin,
    checkSession: checkSession(steps),
    refreshSession: refreshSession(cached),
    refreshSessionCache: refreshSessionCache(cached),
    revokeSession: revokeSession(cached),
    expireSessions: expireSessions(cached),
    lapseRegistrations: lapseRegistrations(ports),
    sweepCredentials: sweepCredentials(ports),
    seedPermissions: seedPermissions(ports),
  };
}
