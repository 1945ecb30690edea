import type { TestLog } from './log.ts';
import { id } from './log.ts';

export const time = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

/** Ids of the n-th person, and what belongs to them. */
export const person = (n: number) => ({
  userId: id(0x1000_0000 + n),
  teamId: id(0x2000_0000 + n),
  roleId: id(0x3000_0000 + n),
  deviceId: id(0x4000_0000 + n),
  emailHash: `hash-${String(n)}`,
});

export const login = (n: number, k: number) => ({
  loginId: id(0x5000_0000 + n * 100_000 + k),
  sessionId: id(0x9000_0000_00 + n * 100_000 + k),
});

export function register(log: TestLog, n: number, at = time(n)): void {
  const { userId, teamId, deviceId, emailHash } = person(n);
  const data = {
    userId,
    emailHash,
    email: null,
    name: null,
    teamName: null,
    teamId,
    credentialId: id(n),
    deviceId,
    at,
  };
  const sealed = {
    data: JSON.stringify({ email: `p${String(n)}@example.com`, name: `Person ${String(n)}`, teamName: 'Acme' }),
    client: JSON.stringify({ ip: '203.0.113.7', userAgent: 'Firefox', place: 'Berlin, DE' }),
  };
  const actor = { kind: 'anonymous' } as const;
  log.append(`user-${userId}`, { type: 'RegistrationSubmitted', data }, { sealed, context: { actor } });
  const verification = { userId, verificationId: id(n), verificationExpiresAt: time(n + 86_400), at };
  log.append(`user-${userId}`, { type: 'UserRegistered', data: verification });
}

export function verify(log: TestLog, n: number, at = time(n)): void {
  const { userId, teamId, roleId, deviceId } = person(n);
  const verified = { userId, verificationId: id(n), teamId, trustedDeviceId: deviceId, at };
  log.append(`user-${userId}`, { type: 'EmailVerified', data: verified });
  log.append(`team-${teamId}`, {
    type: 'TeamCreated',
    data: { teamId, name: `Team ${String(n)}`, createdBy: userId, at },
  });
  const role = { teamId, roleId, name: 'Owner', kind: 'owner', grants: ['*'], at } as const;
  log.append(`team-${teamId}`, { type: 'RoleAdded', data: role });
  log.append(`team-${teamId}`, { type: 'MemberAdded', data: { teamId, userId, roleId, at } });
  const approved = {
    userId,
    deviceId,
    method: 'registration',
    loginId: null,
    trustedUntil: time(n + 9e6),
    at,
  } as const;
  const client = JSON.stringify({ ip: '203.0.113.7', userAgent: 'Firefox', place: 'Berlin, DE' });
  log.append(`devices-${userId}`, { type: 'DeviceApproved', data: approved }, { sealed: { client } });
}

export function startLogin(log: TestLog, n: number, k: number, at = time(n + k)): void {
  const { userId, deviceId } = person(n);
  const { loginId } = login(n, k);
  const attempt = { loginId, userId, deviceId, deviceTrusted: true, remember: false, transport: 'bearer' } as const;
  const client = JSON.stringify({ ip: '203.0.113.7', userAgent: 'Firefox', place: 'Berlin, DE' });
  const context = { actor: { kind: 'user', userId }, deviceId, requestId: `request-${String(k)}` } as const;
  const event = { type: 'LoginStarted', data: { ...attempt, expiresAt: time(n + k + 900), at } } as const;
  log.append(`login-${loginId}`, event, { sealed: { client }, context });
}

export function completeLogin(log: TestLog, n: number, k: number, at = time(n + k)): void {
  const { userId, deviceId, teamId, roleId } = person(n);
  const { loginId, sessionId } = login(n, k);
  const ids = {
    loginId,
    userId,
    deviceId,
    teamId,
    roleId,
    sessionId,
    remember: false,
    transport: 'bearer',
    at,
  } as const;
  const context = { actor: { kind: 'user', userId } } as const;
  log.append(`login-${loginId}`, { type: 'LoginCompleted', data: ids }, { context });
  const session = { ...ids, idleTimeoutSeconds: 3600, expiresAt: time(n + k + 86_400) };
  log.append(`sessions-${userId}`, { type: 'SessionStarted', data: session }, { context });
}
