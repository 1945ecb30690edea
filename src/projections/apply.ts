import type { ClientBase } from 'pg';
import type { Recorded } from '../application/ports.ts';
import type { Batch } from './batch.ts';
import { advance, type Checkpoint, type ProjectionState } from './checkpoint.ts';
import type { LoadRows } from './load.ts';
import { blockedStreams, park, type ParkedEvent } from './park.ts';
import { project, type Projection, type Writes } from './projection.ts';
import { inTransaction } from './transaction.ts';
import { collectWrites } from './writes.ts';

export interface Applying {
  readonly sql: ClientBase;
  readonly projection: Projection;
  readonly state: ProjectionState;
  /** For tables that are being built, which nobody else writes. */
  readonly load?: LoadRows;
  readonly onParked: (parked: ParkedEvent) => void;
}

/** An event that its handler cannot read: a matter of this event, not of the database. */
class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
}

/**
 * Rows and checkpoint of one batch, in one transaction. An event whose data the tables refuse is parked, with all that
 * follows it in its stream. Throws `CheckpointMoved`, and anything that may pass by itself.
 */
export async function applyBatch(
  applying: Applying,
  from: Checkpoint,
  batch: Omit<Batch, 'seen'>,
): Promise<Checkpoint> {
  const { sql, state } = applying;
  const to = { position: batch.position, eventPosition: batch.eventPosition, state };
  if (batch.events.length === 0) await advance(sql, from, to);
  else {
    const inOneTransaction = (apply: ApplyEvents) =>
      inTransaction(sql, async () => {
        const parkedBefore = await advance(sql, from, to);
        const blocked = await blockedStreams(sql, from.schema, parkedBefore, batch.events);
        return apply(applying, from.schema, blocked, batch.events);
      });
    const parked = await inOneTransaction(applyTogether).catch((error: unknown) => {
      if (isDataError(error)) return inOneTransaction(applyOneByOne);
      throw error;
    });
    parked.forEach(applying.onParked);
  }
  return {
    ...from,
    position: batch.position ?? from.position,
    eventPosition: batch.eventPosition ?? from.eventPosition,
  };
}

type ApplyEvents = (
  applying: Applying,
  schema: string,
  blocked: Set<string>,
  events: readonly Recorded[],
) => Promise<ParkedEvent[]>;

const applyTogether: ApplyEvents = async ({ sql, projection, load }, schema, blocked, events) => {
  const writes = collectWrites(projection);
  const parked: ParkedEvent[] = [];
  for (const recorded of events) {
    if (blocked.has(recorded.stream)) parked.push(await park(sql, schema, projection, recorded, 'behind'));
    else handle(projection, writes, recorded);
  }
  await writes.flush(sql, load);
  return parked;
};

const applyOneByOne: ApplyEvents = async ({ sql, projection }, schema, blocked, events) => {
  const parked: ParkedEvent[] = [];
  for (const recorded of events) {
    const error = blocked.has(recorded.stream) ? 'behind' : await applyOne(sql, projection, recorded);
    if (error === undefined) continue;
    blocked.add(recorded.stream);
    parked.push(await park(sql, schema, projection, recorded, error));
  }
  return parked;
};

/** Returns why the event cannot be applied; the transaction goes on without it. */
export async function applyOne(
  sql: ClientBase,
  projection: Projection,
  recorded: Recorded,
): Promise<Error | undefined> {
  await sql.query('savepoint event');
  try {
    const writes = collectWrites(projection);
    handle(projection, writes, recorded);
    await writes.flush(sql);
    await sql.query('release savepoint event');
    return undefined;
  } catch (error) {
    if (!isDataError(error)) throw error;
    await sql.query('rollback to savepoint event');
    return error;
  }
}

function handle(projection: Projection, writes: Writes, recorded: Recorded): void {
  try {
    project(projection, writes, recorded);
  } catch (cause) {
    throw new HandlerFailed(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Whether trying again can never help: SQLSTATE classes 22 (data exception), 23 (integrity) and 54 (limit exceeded).
 * A missing table or column (42) is a fault of the installation, not of one event: it is tried again.
 */
function isDataError(error: unknown): error is Error {
  if (error instanceof HandlerFailed) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(22|23|54)...$/.test(code);
}
