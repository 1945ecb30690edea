import type { Tracing } from '../application/tracing.ts';
import type { Batch } from './batch.ts';

/**
 * One span in each trace that the batch has events of, beneath the first of them and linked to the others: the write was
 * one for all. `startedAt` by `performance.now()`.
 */
export function traceBatch(tracing: Tracing, projection: string, { events }: Batch, startedAt: number): void {
  const byTrace = new Map<string, { parents: Set<string>; events: number }>();
  for (const { context } of events) {
    if (context.traceparent === undefined) continue;
    const traceId = context.traceparent.split('-', 2)[1] ?? '';
    const known = byTrace.get(traceId) ?? { parents: new Set(), events: 0 };
    known.parents.add(context.traceparent);
    known.events += 1;
    byTrace.set(traceId, known);
  }
  for (const { parents, events: count } of byTrace.values()) {
    const [parent = '', ...links] = parents;
    const attributes = { 'mbauth.projection': projection, 'mbauth.events': count };
    tracing.record(parent, { name: `project ${projection}`, kind: 'consumer', attributes, links }, startedAt);
  }
}
