import type { Queries } from './api/queries.ts';
import type { Service } from './compose.ts';
import { effectivePermissions } from './domain/permissions.ts';
import type { PermissionSeed } from './permission-seed.ts';
import { auditEvents, auditStream } from './projections/audit-queries.ts';
import { devicesOf } from './projections/devices.ts';
import { invitationsOf } from './projections/invitations.ts';
import { loginActivityOf } from './projections/login-activity.ts';
import { activeSessionsOf, sessionsOf } from './projections/sessions.ts';
import { membership, teamsOf } from './projections/teams.ts';
import { userProfile } from './projections/users.ts';

/** The read models as the routes ask for them. */
export function queriesOf(service: Service, catalogue: PermissionSeed): Queries {
  const { readModels, personalData, sessionCache } = service;
  const readers = { pool: readModels, personalData };
  const permissions = catalogue.map(({ permission }) => permission);
  return {
    userProfile: (userId) => userProfile(readers, userId),
    async membership(teamId, userId) {
      const found = await membership(readModels, teamId, userId);
      return found && { ...found, teamId, permissions: effectivePermissions(found.grants, permissions) };
    },
    async activeSessions(userId) {
      const sessions = await activeSessionsOf(readModels, userId);
      const lastUsed = await sessionCache.lastUsed(sessions.map(({ sessionId }) => sessionId)).catch(() => undefined);
      return sessions.map((session) => ({
        ...session,
        lastSeenAt: lastUsed?.get(session.sessionId)?.toISOString() ?? null,
      }));
    },
    devices: (userId) => devicesOf(readers, userId),
    sessions: (userId, limit) => sessionsOf(readModels, userId, limit),
    teams: (userId) => teamsOf(readModels, userId),
    loginActivity: (userId, page) => loginActivityOf(readers, userId, page),
    invitations: (teamId, page) => invitationsOf(readers, teamId, page, service.clock()),
    auditEvents: (filter, page, visibleTo) => auditEvents(readers, filter, page, visibleTo),
    auditStream: (name, page, visibleTo) => auditStream(readers, name, page, visibleTo),
    permissions: () => Promise.resolve(catalogue),
  };
}
