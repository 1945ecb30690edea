import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { at } from './moments.ts';

const minute = 60;
const of = (sessionId: string) => ({ sessionId, userId: 'ann', teamId: 'team-1' });
export const facts = {
  userId: 'ann',
  teamId: 'team-1',
  roleId: 'owner',
  deviceId: 'laptop',
  loginId: 'login-1',
  remember: false,
  transport: 'bearer',
  idleTimeoutSeconds: 60 * minute,
} as const;

export const started = (sessionId: string, days = 0): SessionsEvent => ({
  type: 'SessionStarted',
  data: { sessionId, ...facts, expiresAt: at({ days: days + 1 }), at: at({ days }) },
});
export const refreshed = (generation: number, time: string): SessionsEvent => ({
  type: 'SessionRefreshed',
  data: { ...of('one'), generation, at: time },
});
export const superseded = (sessionId: string, bySessionId: string, time = at()): SessionsEvent => ({
  type: 'SessionSuperseded',
  data: { ...of(sessionId), bySessionId, byDeviceId: 'laptop', at: time },
});
export const revoked = (reason: 'logged-out' | 'refresh-token-reused', time = at()): SessionsEvent => ({
  type: 'SessionRevoked',
  data: { ...of('one'), reason, at: time },
});
export const expired = (cause: 'idle' | 'absolute', time = at()): SessionsEvent => ({
  type: 'SessionExpired',
  data: { ...of('one'), cause, at: time },
});
