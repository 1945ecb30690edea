import { SingleBar, Presets } from 'cli-progress';
import type { Pool } from 'pg';
import type { EventStore, Subscribe } from '../application/ports.ts';
import { projections } from '../projections/all.ts';
import type { RebuildReport } from '../projections/build.ts';
import { checkDrift } from '../projections/drift.ts';
import { parkedEvents } from '../projections/park.ts';
import type { Logger, Projection } from '../projections/projection.ts';
import { rebuildProjections, type RebuildProgress } from '../projections/rebuild.ts';
import { retryParked } from '../projections/retry-parked.ts';
import { projectionStatus } from '../projections/status.ts';
import { tableText } from './table-text.ts';

export interface ProjectionCommands {
  readonly pool: Pool;
  readonly subscribe: Subscribe;
  readonly readStream: EventStore['readStream'];
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** `mbauth projections status` */
export async function showStatus({ pool, out }: Pick<ProjectionCommands, 'pool' | 'out'>): Promise<void> {
  const found = await projectionStatus(pool);
  const rows = found.map(({ name, version, position, status, parked, updatedAt, rebuild }) => [
    name,
    `v${version}`,
    status,
    String(position ?? 'start'),
    String(parked),
    updatedAt.toISOString(),
    rebuild ? `v${rebuild.version} at ${String(rebuild.position ?? 'start')}` : '',
  ]);
  out.write(tableText(['name', 'version', 'status', 'position', 'parked', 'updated', 'rebuild'], rows));
}

/** `mbauth projections rebuild <name>… | --all`. Throws for a name that is none. Answers false when it was paused. */
export async function rebuild(commands: ProjectionCommands, names: readonly string[] | 'all'): Promise<boolean> {
  const { pool, subscribe, signal, logger, out } = commands;
  const wanted = names === 'all' ? projections : names.map(projectionNamed);
  const progress = out.isTTY ? progressBar(out) : progressLines(out);
  try {
    const reports = await rebuildProjections({
      projections: wanted,
      pool,
      subscribe,
      signal,
      logger,
      onProgress: progress.show,
    });
    progress.stop();
    out.write(reportText(reports));
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.stop();
    out.write('Paused. What is live goes on as it was; the same command goes on from here.\n');
    return false;
  } finally {
    progress.stop();
  }
}

/** `mbauth projections park list` */
export async function listParked({ pool, out }: Pick<ProjectionCommands, 'pool' | 'out'>): Promise<void> {
  const parked = await parkedEvents(pool);
  if (parked.length === 0) {
    out.write('Nothing is parked.\n');
    return;
  }
  const rows = parked.map(({ projection, stream, position, type, eventId, reason, error }) => [
    projection,
    stream,
    String(position),
    type,
    eventId,
    reason,
    error,
  ]);
  out.write(tableText(['projection', 'stream', 'position', 'type', 'event', 'reason', 'error'], rows));
}

/** `mbauth projections park retry`. Answers whether nothing is left parked. */
export async function retryAllParked({ pool, readStream, out }: ProjectionCommands): Promise<boolean> {
  let complete = true;
  for (const projection of projections) {
    const { applied, stillParked } = await retryParked({ projection, pool, readStream });
    if (applied > 0) out.write(`${projection.name}: ${applied} applied\n`);
    for (const stream of stillParked) out.write(`${projection.name}: ${stream} is still parked\n`);
    complete &&= stillParked.length === 0;
  }
  if (complete) out.write('Nothing is parked any more.\n');
  return complete;
}

/** `mbauth projections check [--share 0.05]`. Answers whether all rows are as the log says. */
export async function checkAll(commands: ProjectionCommands, share: number): Promise<boolean> {
  const reports = await checkDrift({ ...commands, projections, share });
  for (const { projection, eventsReplayed, differences } of reports) {
    commands.out.write(`${projection}: ${eventsReplayed} events replayed, ${differences.length} rows differ\n`);
    for (const { table, key, kind } of differences) commands.out.write(`  ${table} ${JSON.stringify(key)} ${kind}\n`);
  }
  return reports.every(({ differences }) => differences.length === 0);
}

function projectionNamed(name: string): Projection {
  const projection = projections.find((candidate) => candidate.name === name);
  if (projection) return projection;
  throw new Error(`There is no projection "${name}"; there are ${projections.map((known) => known.name).join(', ')}.`);
}

interface ProgressView {
  readonly show: (progress: RebuildProgress) => void;
  readonly stop: () => void;
}

function progressBar(out: NodeJS.WritableStream): ProgressView {
  const format = '{bar} {percentage}% | {events} events, {eventsPerSecond}/s';
  const bar = new SingleBar({ stream: out, format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  bar.start(100, 0, { events: 0, eventsPerSecond: 0 });
  return {
    show: ({ position, target, events, eventsPerSecond }) => {
      bar.update(percentOf(position, target), { events, eventsPerSecond });
    },
    stop: () => {
      bar.stop();
    },
  };
}

function progressLines(out: NodeJS.WritableStream): ProgressView {
  let shown = -1;
  return {
    show: ({ position, target, events, eventsPerSecond }) => {
      const tens = Math.floor(percentOf(position, target) / 10) * 10;
      if (tens <= shown) return;
      shown = tens;
      out.write(`${tens} %, ${events} events, ${eventsPerSecond}/s\n`);
    },
    stop: () => undefined,
  };
}

const percentOf = (position: bigint, target: bigint) => (target === 0n ? 100 : Number((position * 100n) / target));

function reportText(reports: readonly RebuildReport[]): string {
  const rows = reports.flatMap(({ projection, tables }) =>
    tables.map(({ table, rowsBefore, rowsAfter, same }) => [
      projection,
      table,
      String(rowsBefore),
      String(rowsAfter),
      same === undefined ? 'another version' : same ? 'yes' : 'NO',
    ]),
  );
  const names = reports.map(({ projection }) => projection).join(', ');
  return `Rebuilt and live: ${names}\n${tableText(['projection', 'table', 'rows before', 'rows after', 'same'], rows)}`;
}
