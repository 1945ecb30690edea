import type { Queries } from './api/queries.ts';
import type { Service } from './compose.ts';
import { effectivePermissions } from './domain/permissions.ts';
import type { PermissionSeed } from './permission-seed.ts';
import { auditEvents, auditStream } from './projections/audit-queries.ts';
import { devicesOf } from './projections/devices.ts';
import { loginActivityOf } from './projections/login-activity.ts';
import { activeSessionsOf } from './projections/sessions.ts';
import { membership } from './projections/teams.ts';
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
      const clients = await devicesOf(readers, userId);
      return sessions.map((session) => ({
        ...session,
        lastSeenAt: lastUsed?.get(session.sessionId)?.toISOString() ?? null,
        client: clients.find(({ deviceId }) => deviceId === session.deviceId)?.client ?? null,
      }));
    },
    devices: (userId) => devicesOf(readers, userId),
    loginActivity: (userId, page) => loginActivityOf(readers, userId, page),
    auditEvents: (filter, page, visibleTo) => auditEvents(readers, filter, page, visibleTo),
    auditStream: (name, page, visibleTo) => auditStream(readers, name, page, visibleTo),
    permissions: () => Promise.resolve(catalogue),
  };
}
