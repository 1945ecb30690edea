import type { Pool, PoolClient } from 'pg';
import { follow } from './follow-log.ts';
import { describeFailure } from './job-failure.ts';
import { pause } from './pause.ts';
import { queueMarker } from './queue-marker.ts';
import { tryToLead } from './reaction-progress.ts';
import type { ReactionOptions } from './reaction-options.ts';
import { whereToStart } from './reaction-start.ts';

const leadAgainMs = 500;

/**
 * Turns events into jobs, for ever: follows the log from its checkpoint, on one process at a time, and makes the jobs
 * again that the queue has lost. At least once; the ids of the jobs make a repeat harmless.
 */
export function runReactions(options: ReactionOptions): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const rounds = inRounds();
  const marker = queueMarker({ ...options, onReturn: rounds.endCurrent });
  const running = keepLeading();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      marker.close();
    },
  };

  async function keepLeading(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await lead(options.pool, stopping.signal, (sql, signal) => followForEver(sql, signal));
      } catch (error) {
        options.logger.warn({ failure: describeFailure(error) }, 'reactions wait for the database');
        await pause(leadAgainMs, stopping.signal);
      }
    }
  }

  async function followForEver(sql: PoolClient, signal: AbortSignal): Promise<void> {
    options.logger.info({}, 'reactions follow the log');
    let failures = 0;
    while (!signal.aborted) {
      const round = rounds.begin();
      try {
        const start = await whereToStart(sql, marker, options);
        const roundSignal = AbortSignal.any([signal, round.signal]);
        await follow({ ...options, sql, marker, start, round, signal: roundSignal, hasBegun: () => (failures = 0) });
      } catch (error) {
        failures += 1;
        options.logger.warn({ failure: describeFailure(error) }, 'reactions begin again at their checkpoint');
        await pause(Math.min(100 * 2 ** Math.min(failures, 10), 5000), signal);
      }
    }
  }
}

/** Waits until it leads, and then runs `work` until that ends or the lead is lost with the connection. */
async function lead(
  pool: Pool,
  stopping: AbortSignal,
  work: (sql: PoolClient, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const sql = await pool.connect();
  const lost = new AbortController();
  sql.on('error', () => {
    lost.abort();
  });
  const signal = AbortSignal.any([stopping, lost.signal]);
  try {
    while (!signal.aborted) {
      if (await tryToLead(sql)) {
        await work(sql, signal);
        return;
      }
      await pause(leadAgainMs, signal);
    }
  } finally {
    // The connection holds the lock: without it another process takes over.
    sql.release(true);
  }
}

function inRounds(): { begin: () => AbortController; endCurrent: () => void } {
  let current = new AbortController();
  return {
    begin: () => (current = new AbortController()),
    endCurrent: () => {
      current.abort();
    },
  };
}
