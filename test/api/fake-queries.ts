import { operationQueries } from './fake-operations.ts';
import type { Queries } from '../../src/api/queries.ts';
import { auditQueries } from './fake-audit.ts';
import { teamQueries } from './fake-teams.ts';
import { fakeProofs } from './fake-proofs.ts';
import { invitationQueries } from './fake-invitations.ts';
import { at, deviceId, id, loginId, roleId, sessionId, teamId, userId } from './fake-ids.ts';
import { session, teams } from './fake-session.ts';

const client = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0', place: 'Berlin, DE' };

const auditEntry = {
  eventId: id(9),
  position: '42',
  type: 'SessionStarted',
  occurredAt: at,
  actor: { kind: 'user' as const, userId },
  subject: userId,
  teamId,
  sessionId,
  deviceId,
  requestId: id(10),
  correlationId: id(10),
  causationId: id(10),
  ...client,
  data: { sessionId, remember: true },
  summary: 'A session of Ada in team Acme started',
};

const profile = {
  userId,
  status: 'active' as const,
  name: 'Ada',
  email: 'ada@example.com',
  registeredAt: at,
  verifiedAt: at,
  lockedUntil: null,
  lockedAt: null,
  deactivatedAt: null,
};

export const queries = (): Queries => ({
  ...operationQueries,
  userProfile: () => Promise.resolve(profile),
  users: () => Promise.resolve({ items: [profile] }),
  callerProfile: () => Promise.resolve({ name: 'Ada', email: 'ada@example.com' }),
  membership: () =>
    Promise.resolve({ teamId, teamName: 'Acme', roleId, roleName: 'Owner', permissions: ['events.read', 'team.view'] }),
  activeSessions: () =>
    Promise.resolve([
      {
        ...session,
        loginId,
        remember: true,
        transport: 'bearer' as const,
        generation: 0,
        refreshedAt: at,
        lastSeenAt: at,
      },
      {
        ...session,
        sessionId: id(33),
        deviceId: id(44),
        loginId,
        remember: false,
        transport: 'bearer' as const,
        generation: 2,
        refreshedAt: at,
        lastSeenAt: null,
      },
    ]),
  sessions: () =>
    Promise.resolve([
      { ...session, loginId, remember: true, transport: 'bearer' as const, generation: 0, refreshedAt: at },
    ]),
  teams: () => Promise.resolve(teams),
  devices: () =>
    Promise.resolve([
      { deviceId, method: 'otp' as const, approvedAt: at, trustedUntil: at, firstSeenAt: at, lastSeenAt: at, client },
      {
        deviceId: id(45),
        method: 'registration' as const,
        approvedAt: at,
        trustedUntil: at,
        firstSeenAt: at,
        lastSeenAt: at,
        client: null,
      },
    ]),
  ...invitationQueries,
  ...teamQueries,
  loginActivity: () =>
    Promise.resolve({
      items: [
        {
          loginId,
          outcome: 'completed' as const,
          reason: null,
          deviceId,
          deviceTrusted: true,
          teamId,
          sessionId,
          startedAt: at,
          endedAt: at,
          client,
        },
      ],
      nextCursor: 'NDI',
    }),
  auditEvents: () => Promise.resolve({ items: [auditEntry], nextCursor: 'NDI' }),
  auditStream: () => Promise.resolve({ items: [auditEntry] }),
  ...auditQueries(auditEntry),
  proof: fakeProofs,
  permissions: () => Promise.resolve([{ permission: 'site.create', description: 'Create sites' }]),
});
