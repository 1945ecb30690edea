import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { Recorded, Subscribe } from '../application/ports.ts';
import { batches } from './batch.ts';
import { activeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { handles, project, tablesOf, type Projection } from './projection.ts';
import { inTransaction } from './transaction.ts';
import { collectWrites } from './writes.ts';

const batchSize = 1000;
const reportedRows = 20;

export interface DriftOptions {
  readonly projection: Projection;
  readonly pool: Pool;
  readonly subscribe: Subscribe;
  readonly signal: AbortSignal;
  /** Which part of the streams is replayed: 1 is all, and only then rows that should not exist are found. */
  readonly share: number;
  /** Another seed picks other streams. */
  readonly seed?: string;
}

export interface Drift {
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly kind: 'missing' | 'different' | 'unexpected';
}

export interface DriftReport {
  readonly projection: string;
  readonly position: bigint | undefined;
  readonly eventsReplayed: number;
  /** The first of them. */
  readonly differences: readonly Drift[];
}

/** Replays streams into temporary tables, in one snapshot of the live ones, and compares row by row. */
export async function checkDrift(options: DriftOptions): Promise<DriftReport> {
  const sql = await options.pool.connect();
  try {
    return await inTransaction(sql, () => replayAndCompare(sql, options), 'begin isolation level repeatable read');
  } finally {
    // Temporary tables go with the connection.
    sql.release(true);
  }
}

async function replayAndCompare(sql: ClientBase, options: DriftOptions): Promise<DriftReport> {
  const { projection, share } = options;
  const live = await activeCheckpoint(sql, projection.name);
  if (live?.version !== projection.version) throw new Error(`${projection.name} is not live in this version`);
  await sql.query(`set local timezone = 'UTC'; set local search_path to pg_temp; ${projection.schema}`);
  const eventsReplayed = live.eventPosition === undefined ? 0 : await replay(sql, options, live.eventPosition, live);
  const differences: Drift[] = [];
  for (const table of tablesOf(projection)) {
    differences.push(...(await compareTable(sql, projection, table, live.schema, share >= 1)));
  }
  return { projection: projection.name, position: live.position, eventsReplayed, differences };
}

async function replay(sql: ClientBase, options: DriftOptions, end: bigint, live: Checkpoint): Promise<number> {
  const { projection, subscribe, signal, share, seed = '' } = options;
  const { rows } = await sql.query<{ event_id: string }>('select event_id from engine.parked_event where schema = $1', [
    live.schema,
  ]);
  const parked = new Set(rows.map((row) => row.event_id));
  const wants = (recorded: Recorded) =>
    handles(projection, recorded.event.type) && !parked.has(recorded.id) && isSampled(recorded.stream, share, seed);
  let replayed = 0;
  for await (const batch of batches({ subscribe, after: 'start', signal, size: batchSize, wants })) {
    const writes = collectWrites(projection);
    const events = batch.events.filter(({ position }) => position <= end);
    for (const recorded of events) project(projection, writes, recorded);
    await writes.flush(sql);
    replayed += events.length;
    if (batch.caughtUp || (batch.eventPosition ?? -1n) >= end) return replayed;
  }
  throw new Error('the drift check was stopped');
}

/** The same streams for the same seed. */
function isSampled(stream: string, share: number, seed: string): boolean {
  if (share >= 1) return true;
  const hash = createHash('sha1').update(seed).update(stream).digest();
  return hash.readUInt32BE(0) < share * 2 ** 32;
}

async function compareTable(
  sql: ClientBase,
  projection: Projection,
  table: string,
  schema: string,
  complete: boolean,
): Promise<Drift[]> {
  const keys = projection.keys[table] ?? [];
  const keyObject = keys.map((key) => `'${key}', coalesce(replayed.${key}, live.${key})`).join(', ');
  const { rows } = await sql.query<{ key: Record<string, unknown>; kind: Drift['kind'] }>(
    `select json_build_object(${keyObject}) as key,
       case when live.row is null then 'missing' when replayed.row is null then 'unexpected' else 'different' end as kind
     from (select r as row, r.* from pg_temp.${table} r) replayed
     ${complete ? 'full' : 'left'} join (select l as row, l.* from ${schema}.${table} l) live using (${keys.join(', ')})
     where live.row::text is distinct from replayed.row::text
     limit ${reportedRows}`,
  );
  return rows.map((row) => ({ table, ...row }));
}
