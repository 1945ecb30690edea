import type { AuditMismatchFound } from '../../domain/audit-checkpoint/events.ts';
import type { Clock, EventStore, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

/** More of them say no more. */
const reportedAtOnce = 20;

type Mismatch = Omit<AuditMismatchFound['data'], 'at'>;

/** Records what a check found, each once however often it is found; answers with those that are new. */
export type ReportMismatches = (found: readonly Mismatch[]) => Promise<readonly Mismatch[]>;

export function reportMismatches({
  eventStore,
  tokens,
  clock,
}: {
  eventStore: EventStore;
  tokens: Pick<Tokens, 'derivedId'>;
  clock: Clock;
}): ReportMismatches {
  return async (found) => {
    if (found.length === 0) return [];
    const { events } = await eventStore.readStream(streams.auditMismatch());
    const known = new Set(events.map(({ id }) => id));
    const identified = found.slice(0, reportedAtOnce).map((mismatch) => {
      const { mismatch: what, index, eventId, detail } = mismatch;
      return { id: tokens.derivedId([what, index, eventId, detail].join('|'), 'audit-mismatch'), mismatch };
    });
    const fresh = identified.filter(({ id }) => !known.has(id));
    const at = clock().toISOString();
    for (const { id, mismatch } of fresh) {
      const event = { type: 'AuditMismatchFound', data: { ...mismatch, at } } as const;
      const context = { actor: { kind: 'system' }, correlationId: id, causationId: id } as const;
      await eventStore.append(streams.auditMismatch(), [{ id, event, context }], 'any');
    }
    return fresh.map(({ mismatch }) => mismatch);
  };
}
