import type { ClientBase, Pool } from 'pg';
import type { EventStore, Recorded } from '../application/ports.ts';
import { applyOne } from './apply.ts';
import { activeCheckpoint } from './checkpoint.ts';
import { parkedEvents, parkedOfStream, unpark } from './park.ts';
import type { Projection } from './projection.ts';
import { useSchema } from './schema.ts';
import { inTransaction } from './transaction.ts';

export interface RetryParkedOptions {
  readonly projection: Projection;
  readonly pool: Pool;
  readonly readStream: EventStore['readStream'];
}

export interface RetryOutcome {
  readonly applied: number;
  /** Streams whose first parked event still cannot be applied. */
  readonly stillParked: readonly string[];
}

/** Drives parked events again, stream by stream in their order, while the projection goes on. */
export async function retryParked({ projection, pool, readStream }: RetryParkedOptions): Promise<RetryOutcome> {
  const parked = await parkedEvents(pool, projection.name);
  const firstOf = new Map<string, bigint>();
  for (const { stream, revision } of parked) if (!firstOf.has(stream)) firstOf.set(stream, revision);
  const stillParked: string[] = [];
  let applied = 0;
  const sql = await pool.connect();
  try {
    for (const [stream, first] of firstOf) {
      const outcome = await retryStream(sql, projection, stream, () => readStream(stream, first));
      applied += outcome.applied;
      if (outcome.stuck) stillParked.push(stream);
    }
  } finally {
    sql.release(true);
  }
  return { applied, stillParked };
}

async function retryStream(
  sql: ClientBase,
  projection: Projection,
  stream: string,
  read: () => Promise<{ events: readonly Recorded[] }>,
): Promise<{ applied: number; stuck: boolean }> {
  let applied = 0;
  // More may be parked behind while the stream is read; each round takes what the one before it did not see.
  for (;;) {
    const { events } = await read();
    const byId = new Map(events.map((recorded) => [recorded.id, recorded]));
    const round = await inTransaction(sql, () => retryRound(sql, projection, stream, byId));
    applied += round.applied;
    if (round.outcome !== 'more') return { applied, stuck: round.outcome === 'stuck' };
  }
}

async function retryRound(
  sql: ClientBase,
  projection: Projection,
  stream: string,
  byId: ReadonlyMap<string, Recorded>,
): Promise<{ applied: number; outcome: 'done' | 'stuck' | 'more' }> {
  const live = await activeCheckpoint(sql, projection.name, 'for update');
  if (live?.version !== projection.version) throw new Error(`${projection.name} is live in another version`);
  await useSchema(sql, live.schema);
  let applied = 0;
  for (const { eventId } of await parkedOfStream(sql, live.schema, stream)) {
    const recorded = byId.get(eventId);
    if (!recorded) return { applied, outcome: applied > 0 ? 'more' : 'stuck' };
    const error = await applyOne(sql, projection, recorded);
    if (error) {
      await sql.query(
        `update engine.parked_event set reason = 'failed', error = $3, parked_at = now() where schema = $1 and event_id = $2`,
        [live.schema, eventId, error.message],
      );
      return { applied, outcome: 'stuck' };
    }
    await unpark(sql, live.schema, eventId);
    applied += 1;
  }
  return { applied, outcome: 'done' };
}
