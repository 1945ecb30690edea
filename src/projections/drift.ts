import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { Recorded, Subscribe } from '../application/ports.ts';
import { batches } from './batch.ts';
import { activeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { rowLoader, type LoadRows } from './load.ts';
import { handles, project, tablesOf, type Projection } from './projection.ts';
import { inTransaction } from './transaction.ts';
import { collectWrites } from './writes.ts';

const batchSize = 2000;
const reportedRows = 20;

export interface DriftOptions {
  readonly projections: readonly Projection[];
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
  /** The first of each table. */
  readonly differences: readonly Drift[];
}

/** A read model on its way to where its live tables are. */
interface Replay {
  readonly projection: Projection;
  readonly live: Checkpoint;
  readonly parked: ReadonlySet<string>;
  readonly load: LoadRows;
  replayed: number;
}

/**
 * Replays streams into temporary tables, in one snapshot of the live ones and one reading of the log, and compares row by
 * row. Throws for a projection that is not live in its version.
 */
export async function checkDrift(options: DriftOptions): Promise<DriftReport[]> {
  const sql = await options.pool.connect();
  try {
    return await inTransaction(sql, () => replayAndCompare(sql, options), 'begin isolation level repeatable read');
  } finally {
    // Temporary tables go with the connection.
    sql.release(true);
  }
}

async function replayAndCompare(sql: ClientBase, options: DriftOptions): Promise<DriftReport[]> {
  await sql.query(`set local timezone = 'UTC'; set local search_path to pg_temp; set local work_mem = '64MB'`);
  const replays: Replay[] = [];
  for (const projection of options.projections) replays.push(await begun(sql, projection));
  await replayAll(sql, options, replays);
  const reports: DriftReport[] = [];
  for (const { projection, live, replayed } of replays) {
    const differences: Drift[] = [];
    for (const table of tablesOf(projection)) {
      await sql.query(`analyze pg_temp.${table}`);
      differences.push(...(await compareTable(sql, projection, table, live.schema, options.share >= 1)));
    }
    reports.push({ projection: projection.name, position: live.position, eventsReplayed: replayed, differences });
  }
  return reports;
}

async function begun(sql: ClientBase, projection: Projection): Promise<Replay> {
  const live = await activeCheckpoint(sql, projection.name);
  if (live?.version !== projection.version) throw new Error(`${projection.name} is not live in this version`);
  await sql.query(projection.schema);
  const { rows } = await sql.query<{ event_id: string }>('select event_id from engine.parked_event where schema = $1', [
    live.schema,
  ]);
  return { projection, live, parked: new Set(rows.map((row) => row.event_id)), load: rowLoader(sql), replayed: 0 };
}

async function replayAll(sql: ClientBase, options: DriftOptions, replays: readonly Replay[]): Promise<void> {
  const { subscribe, signal, share, seed = '' } = options;
  const end = replays.reduce(
    (most, { live: { eventPosition = -1n } }) => (eventPosition > most ? eventPosition : most),
    -1n,
  );
  if (end < 0n) return;
  const wants = (recorded: Recorded) =>
    replays.some((replay) => concerns(replay, recorded)) && isSampled(recorded.stream, share, seed);
  for await (const batch of batches({ subscribe, after: 'start', signal, size: batchSize, wants })) {
    for (const replay of replays) await advance(sql, replay, batch.events);
    if (batch.caughtUp || (batch.eventPosition ?? -1n) >= end) return;
  }
  throw new Error('the drift check was stopped');
}

/** It comes into its tables, and had come into the live ones. */
const concerns = ({ projection, live, parked }: Replay, { event, id, position }: Recorded): boolean =>
  handles(projection, event.type) && position <= (live.eventPosition ?? -1n) && !parked.has(id);

async function advance(sql: ClientBase, replay: Replay, events: readonly Recorded[]): Promise<void> {
  const { projection, load } = replay;
  const writes = collectWrites(projection);
  for (const recorded of events) {
    if (!concerns(replay, recorded)) continue;
    project(projection, writes, recorded);
    replay.replayed += 1;
  }
  await writes.flush(sql, load);
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
