import { inTime } from '../adapters/in-time.ts';
import type { Queries } from '../api/queries.ts';
import type { Service } from '../compose.ts';
import { normaliseEmail } from '../domain/email-address/normalise.ts';
import { effectivePermissions } from '../domain/permissions.ts';
import type { PermissionSeed } from './permission-seed.ts';
import { accessDiffPage, accessPage } from '../projections/access-pages.ts';
import { auditEvent, streamSeen } from '../projections/audit-event.ts';
import { auditEvents, auditStream } from '../projections/audit-queries.ts';
import { devicesOf } from '../projections/devices.ts';
import { invitationsOf } from '../projections/invitations.ts';
import { loginActivityOf } from '../projections/login-activity.ts';
import { asOf } from '../projections/moments.ts';
import { activeSessionsOf, sessionsOf } from '../projections/sessions.ts';
import { membersOf } from '../projections/team-queries.ts';
import { membership, teamsOf } from '../projections/teams.ts';
import { operationQueries } from './operation-queries.ts';
import { usersBy } from '../projections/user-search.ts';
import { userProfile } from '../projections/users.ts';
import { proofsOf } from './compose-audit.ts';
import { recently } from './recently.ts';

/** Nobody changes a name from one second to the next; who was erased has no session any more. */
const profiles = { forMs: 10_000, size: 10_000 };
/** Milliseconds; who calls and what they may do is known by then, and others wait for that. */
const nameWithinMs = 400;

/** The read models as the routes ask for them. */
export function queriesOf(service: Service, catalogue: PermissionSeed): Queries {
  const { readModels, personalData, sessionCache } = service;
  const readers = { pool: readModels, personalData };
  const longReaders = { pool: service.longReads, personalData };
  const permissions = catalogue.map(({ permission }) => permission);
  return {
    userProfile: (userId) => userProfile(readers, userId),
    callerProfile: recently((userId: string) => inTime('database', nameWithinMs, () => userProfile(readers, userId)), {
      ...profiles,
      clock: service.clock,
    }),
    users: ({ email }, page) => {
      const emailHash = email === undefined ? undefined : service.tokens.emailHash(normaliseEmail(email));
      return usersBy(longReaders, { emailHash }, page);
    },
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
    loginActivity: (userId, page) => loginActivityOf(longReaders, userId, page),
    members: (teamId, page) => membersOf(readers, teamId, page),
    invitations: (teamId, page) => invitationsOf(readers, teamId, page, service.clock()),
    async auditEvents({ ip, ...filter }, page, visibleTo) {
      const byAddress = ip === undefined ? {} : { ipHashes: await service.clientAddresses.hashesOf(ip) };
      return auditEvents(longReaders, { ...filter, ...byAddress }, page, visibleTo);
    },
    auditStream: (name, page, visibleTo) => auditStream(longReaders, name, page, visibleTo),
    auditEvent: (eventId, visibleTo) => auditEvent(longReaders, eventId, visibleTo),
    auditStreamSeen: (name, position, visibleTo) => streamSeen(readModels, name, position, visibleTo),
    asOf: (moment) => asOf(readModels, moment),
    accessAt: (scope, position, page, permission) => accessPage(longReaders, scope, position, page, permission),
    accessDiff: (scope, span, page) => accessDiffPage(longReaders, scope, span, page),
    permissions: () => Promise.resolve(catalogue),
    proof: proofsOf(service),
    ...operationQueries(longReaders),
  };
}
