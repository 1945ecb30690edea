import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { activeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Projection } from './projection.ts';
import { createViews, dropViews } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** A reader in the way makes the swap step back before Postgres looks for a deadlock (1 s) and ends the reader. */
const lockTimeoutMs = 200;
const retryMs = 50;

/** The live tables have seen events that the build has not. */
class Behind extends Error {
  override readonly name = 'Behind';
}

/**
 * Makes a build the live one in one transaction: views, checkpoint, and the end of the old tables. Answers false when
 * the build has to catch up first. Waits while long queries read the old tables.
 */
export async function swap(
  sql: ClientBase,
  projection: Projection,
  build: Checkpoint,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await inTransaction(sql, () => swapNow(sql, projection, build));
      return true;
    } catch (error) {
      if (error instanceof Behind) return false;
      if (!isLockTimeout(error)) throw error;
    }
    await pause(retryMs, undefined, { signal });
  }
}

async function swapNow(sql: ClientBase, projection: Projection, build: Checkpoint): Promise<void> {
  await sql.query(`set local lock_timeout = ${lockTimeoutMs}`);
  const live = await activeCheckpoint(sql, projection.name, 'for update');
  if ((live?.eventPosition ?? -1n) > (build.eventPosition ?? -1n)) throw new Behind();
  await dropViews(sql, projection);
  if (live) {
    await sql.query('delete from engine.projection_checkpoint where schema = $1', [live.schema]);
    await sql.query(`drop schema ${live.schema} cascade`);
  }
  // The live position may be ahead by events that a filter passed over, and must not go back: readers wait for it.
  await sql.query(
    `update engine.projection_checkpoint
     set active = true, position = greatest(position, $2), status = 'live', updated_at = now() where schema = $1`,
    [build.schema, live?.position],
  );
  await createViews(sql, projection, build.schema);
}

const isLockTimeout = (error: unknown) => error instanceof Error && 'code' in error && error.code === '55P03';
