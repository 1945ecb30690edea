import type { RecordAuditRead } from '../application/audit/record-audit-read.ts';
import type { Context } from '../application/ports.ts';
import { DomainError } from '../domain/errors.ts';
import type { Visibility } from '../projections/audit-select.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { SessionCaller } from './endpoint.ts';

/** What every reading of the audit may be refused with. */
export const auditProblems = [
  'permission-missing',
  'not-found',
  'invalid-request',
  'database-unavailable',
  'event-store-unavailable',
] as const;

interface AuditReader {
  readonly visibleTo: Visibility;
  /** Before the answer is sent: what cannot be recorded is not shown. */
  readonly record: (reading: Pick<Parameters<RecordAuditRead>[0], 'what' | 'filter' | 'count'>) => Promise<void>;
}

/**
 * Whoever may read the team's history sees it, and what is about or by themselves; in the team that runs the platform,
 * everything. Throws `permission-missing`.
 */
export async function auditReader(
  { useCases }: Pick<ApiDependencies, 'useCases'>,
  { teamId, userId }: SessionCaller,
  context: Context,
): Promise<AuditReader> {
  const permission = 'events.read';
  const { team } = await useCases.requirePermission({ teamId, userId, permission }).catch((error: unknown) => {
    const isNoMember = error instanceof DomainError && error.code === 'team-not-found';
    throw isNoMember ? new DomainError('permission-missing', { permission }) : error;
  });
  return {
    visibleTo: team.platform ? 'all' : { teamIds: [teamId], userId },
    async record(reading) {
      await useCases.recordAuditRead({ readBy: userId, teamId, ...reading }, context);
    },
  };
}
