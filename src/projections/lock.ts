import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

const pollMs = 200;

/** A connection that holds a lock: whoever loses the connection loses the lock and can write no more. */
export interface LockedConnection {
  readonly sql: PoolClient;
  /** Aborts with the caller's signal, and when the connection is lost. */
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Waits until no other process holds `name`. The work is done on the very connection that holds the lock, so that a
 * former owner cannot write. It polls: a statement that waits in Postgres would hold back vacuum.
 */
export async function acquireLock(pool: Pool, name: string, signal: AbortSignal): Promise<LockedConnection> {
  const sql = await pool.connect();
  const lost = new AbortController();
  const onLost = () => {
    lost.abort(new Error(`the connection that holds ${name} is lost`));
  };
  sql.on('error', onLost);
  sql.on('end', onLost);
  // Settings of the session die with it: the connection never goes back to the pool.
  const release = () => {
    sql.release(true);
  };
  try {
    await sql.query(`set synchronous_commit = off; set jit = off; set timezone = 'UTC'`);
    while (!(await tryLock(sql, name))) await pause(pollMs, undefined, { signal });
    return { sql, signal: AbortSignal.any([signal, lost.signal]), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function tryLock(sql: PoolClient, name: string): Promise<boolean> {
  const { rows } = await sql.query<{ locked: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
    [name],
  );
  return rows[0]?.locked ?? false;
}

export const projectionLock = (name: string) => `mbauth projection ${name}`;
export const rebuildLock = (name: string) => `mbauth rebuild ${name}`;
