import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Client, PersonalData } from '../../src/application/ports.ts';
import { sharedTail } from '../../src/composition/shared-tail.ts';
import { tablesOf, type Logger, type Projection } from '../../src/projections/projection.ts';
import { runProjection, type RunOptions } from '../../src/projections/run.ts';
import { projectionStatus } from '../../src/projections/status.ts';
import { waitForPosition } from '../../src/projections/wait.ts';
import type { TestLog } from './log.ts';

export const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens what the test log "sealed" as JSON, except for those who are erased. */
export const personalData = (erased: readonly string[] = []): Pick<PersonalData, 'openFields'> => ({
  openFields: (_eventId, { subject, data, client }) => {
    const gone = erased.includes(subject);
    return Promise.resolve({
      data: data === undefined || gone ? null : (JSON.parse(data) as Record<string, unknown>),
      client: client === undefined || gone ? null : (JSON.parse(client) as Client),
    });
  },
});

/** Polls until the condition holds. */
export async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (await condition()) return;
    await pause(5);
  }
  throw new Error(`gave up waiting until ${what}`);
}

export interface Running {
  /** Everything appended so far is in the tables. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

export function start(
  pool: Pool,
  log: TestLog,
  projections: readonly Projection[],
  more: Partial<RunOptions> = {},
): Running {
  const stop = new AbortController();
  const base = { pool, subscribe: sharedTail(log.subscribe), logger: silent };
  const runs = projections.map((projection) => runProjection({ ...base, ...more, projection, signal: stop.signal }));
  return {
    caughtUp: async () => {
      const names = projections.map(({ name }) => name);
      const isLive = async () => {
        const live = (await projectionStatus(pool)).filter(
          ({ name, status }) => names.includes(name) && status === 'live',
        );
        return live.length === names.length;
      };
      await until(isLive, 'the projections are live');
      if (log.head === 0n) return;
      if (!(await waitForPosition(pool, names, log.head, 20_000))) throw new Error('the projections do not catch up');
    },
    stop: async () => {
      stop.abort();
      await Promise.all(runs);
    },
  };
}

/** All rows of a projection's live tables, comparable. */
export async function rowsOf(pool: Pool, projection: Projection): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tablesOf(projection)) {
    const { rows } = await pool.query<{ row: string }>(
      `select to_jsonb(t)::text as row from read_model.${table} t order by 1`,
    );
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

/** The backend that holds a projection's lock. */
export async function lockHolder(pool: Pool, lock: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_locks where locktype = 'advisory' and granted
       and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
    [lock],
  );
  return rows[0]?.pid;
}
