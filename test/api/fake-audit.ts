import type { Queries } from '../../src/api/queries.ts';
import type { Access } from '../../src/projections/access-queries.ts';
import type { AuditEntry } from '../../src/projections/audit-queries.ts';
import { at, id, roleId, teamId, userId } from './fake-ids.ts';

const access: Access = {
  userId,
  name: 'Ada',
  teamId,
  teamName: 'Acme',
  roleId,
  roleName: 'Owner',
  grants: ['*'],
  permissions: ['team.view'],
  since: { position: '42', at, eventId: id(9) },
  because: [id(9)],
};
const events = [id(9)];
const changed = { before: access, after: access, gainedPermissions: ['site.edit'], lostPermissions: [], events };

export const auditQueries = (event: AuditEntry) =>
  ({
    auditEvent: () =>
      Promise.resolve({
        event,
        stream: `sessions-${userId}`,
        revision: '3',
        causes: [event],
        consequences: [],
        sameRequest: [event],
      }),
    auditStreamSeen: () => Promise.resolve({ events: 4, visible: 4 }),
    asOf: () => Promise.resolve({ position: '42', at }),
    accessAt: () => Promise.resolve({ items: [access], nextCursor: 'NDI' }),
    accessDiff: () =>
      Promise.resolve({
        ...{ gained: [{ ...access, events }], lost: [{ ...access, events }], changed: [changed] },
        nextCursor: 'NDI',
      }),
  }) satisfies Partial<Queries>;
