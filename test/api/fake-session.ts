import type { CheckedSession } from '../../src/application/sessions/check-session.ts';
import { at, deviceId, roleId, sessionId, teamId, userId } from './fake-ids.ts';

export const session: CheckedSession = {
  sessionId,
  userId,
  teamId,
  roleId,
  deviceId,
  status: 'active',
  revision: 4n,
  startedAt: at,
  expiresAt: '2026-01-09T03:04:05.678Z',
  idleTimeoutSeconds: 3600,
  teamEpoch: 7n,
};

export const teams = [{ teamId, name: 'Acme', roleId, role: 'Owner' }];
