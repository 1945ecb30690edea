import type { Recorded } from '../application/ports.ts';
import { applyBatch } from './apply.ts';
import type { Batch } from './batch.ts';
import type { Checkpoint } from './checkpoint.ts';
import { activeCheckpoint, unfinishedBuild } from './checkpoint.ts';
import { existingTables, fingerprints, type Fingerprint } from './fingerprint.ts';
import { rowLoader, type LoadRows } from './load.ts';
import type { LockedConnection } from './lock.ts';
import type { ParkedEvent } from './park.ts';
import { handles, tablesOf, type Projection } from './projection.ts';
import { createBuild, dropUnfinishedBuilds, useSchema } from './schema.ts';
import { swap } from './swap.ts';
import { inTransaction } from './transaction.ts';

export interface TableComparison {
  readonly table: string;
  /** At the position where the live tables stood when the rebuild began. */
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Row for row; `undefined` between versions, whose rows differ by intent. */
  readonly same: boolean | undefined;
}

export interface RebuildReport {
  readonly projection: string;
  readonly comparedAt: bigint | undefined;
  readonly tables: readonly TableComparison[];
}

/** Tables on their way to become the live ones. */
export interface Build {
  readonly projection: Projection;
  readonly connection: LockedConnection;
  readonly load: LoadRows;
  /** The live tables as one snapshot at a known position; `undefined` when there were none. */
  readonly before:
    { readonly eventPosition: bigint; readonly version: number; readonly tables: Fingerprint[] } | undefined;
  checkpoint: Checkpoint;
  report: RebuildReport;
  compared: boolean;
  caughtUp: boolean;
  indexed: boolean;
  swapped: boolean;
  /** How many events of the log have passed through. */
  events: number;
}

export async function startBuild(
  connection: LockedConnection,
  projection: Projection,
  live: Checkpoint | undefined,
): Promise<Build> {
  const { sql } = connection;
  const before = live && (await snapshotOf(connection, projection));
  const checkpoint = (await resumed(connection, projection, before)) ?? (await createBuild(sql, projection));
  await useSchema(sql, checkpoint.schema);
  const report = { projection: projection.name, comparedAt: undefined, tables: [] };
  const indexed = await hasIndexes(connection, checkpoint);
  const progress = { compared: before === undefined, caughtUp: false, indexed, swapped: false, events: 0 };
  return { projection, connection, load: rowLoader(sql), before, checkpoint, report, ...progress };
}

/** Not a build that is past the live tables: it could no more be compared with them. */
async function resumed(
  { sql }: LockedConnection,
  projection: Projection,
  before: Build['before'],
): Promise<Checkpoint | undefined> {
  const unfinished = await unfinishedBuild(sql, projection);
  if (unfinished === undefined) return undefined;
  if (before && (unfinished.eventPosition ?? -1n) > before.eventPosition) return undefined;
  await inTransaction(sql, () => dropUnfinishedBuilds(sql, projection.name, unfinished.schema));
  return unfinished;
}

/** Those that are made last, all in one transaction; not the ones that belong to the tables themselves. */
async function hasIndexes({ sql }: LockedConnection, { schema }: Checkpoint): Promise<boolean> {
  const { rows } = await sql.query(
    `select 1 from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = $1::regnamespace
       and not exists (select 1 from pg_constraint where conindid = i.indexrelid) limit 1`,
    [schema],
  );
  return rows.length > 0;
}

async function snapshotOf({ sql }: LockedConnection, projection: Projection): Promise<Build['before']> {
  return inTransaction(
    sql,
    async () => {
      const live = await activeCheckpoint(sql, projection.name);
      if (live?.eventPosition === undefined) return undefined;
      const { schema, version, eventPosition } = live;
      const tables = await existingTables(sql, schema, tablesOf(projection));
      return { eventPosition, version, tables: await fingerprints(sql, schema, tables) };
    },
    'begin isolation level repeatable read',
  );
}

export async function advanceBuild(
  build: Build,
  batch: Batch,
  signal: AbortSignal,
  onParked: (parked: ParkedEvent) => void,
): Promise<void> {
  const { before } = build;
  if (before && !build.compared && (batch.eventPosition ?? -1n) >= before.eventPosition) {
    await applyPart(build, { ...batch, ...upTo(batch, before.eventPosition) }, onParked);
    await compare(build, before);
  }
  await applyPart(build, batch, onParked);
  build.events += batch.seen;
  build.caughtUp ||= batch.caughtUp;
  if (!build.caughtUp) return;
  if (!build.indexed) await makeIndexes(build);
  build.swapped = await swap(build.connection.sql, build.projection, build.checkpoint, signal);
}

const upTo = ({ events }: Batch, position: bigint) => ({
  events: events.filter((recorded) => recorded.position <= position),
  position,
  eventPosition: position,
});

async function applyPart(
  build: Build,
  { events, position, eventPosition, caughtUp }: Omit<Batch, 'seen'>,
  onParked: (parked: ParkedEvent) => void,
): Promise<void> {
  const { projection, connection, load, checkpoint } = build;
  if (position === undefined || position <= (checkpoint.position ?? -1n)) return;
  const isNew = (recorded: Recorded) => recorded.position > (checkpoint.position ?? -1n);
  const wanted = events.filter((recorded) => isNew(recorded) && handles(projection, recorded.event.type));
  const applying = { sql: connection.sql, projection, state: 'building', load, onParked } as const;
  build.checkpoint = await applyBatch(applying, checkpoint, {
    events: wanted,
    position,
    eventPosition,
    caughtUp,
  });
}

async function compare(build: Build, before: NonNullable<Build['before']>): Promise<void> {
  const after = await fingerprints(build.connection.sql, build.checkpoint.schema, tablesOf(build.projection));
  const comparable = before.version === build.projection.version;
  const tables = after.map(({ table, rows, checksum }) => {
    const old = before.tables.find((fingerprint) => fingerprint.table === table);
    const same = comparable ? old?.checksum === checksum && old.rows === rows : undefined;
    return { table, rowsBefore: old?.rows ?? 0, rowsAfter: rows, same };
  });
  build.report = { projection: build.projection.name, comparedAt: before.eventPosition, tables };
  build.compared = true;
}

async function makeIndexes(build: Build): Promise<void> {
  const { sql } = build.connection;
  await sql.query(`set maintenance_work_mem = '256MB'; ${build.projection.indexes}`);
  for (const table of tablesOf(build.projection)) await sql.query(`analyze ${table}`);
  build.indexed = true;
}
