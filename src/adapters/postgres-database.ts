import { DatabaseError, type Pool, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';

import { Unavailable } from '../application/ports.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';

export interface Database {
  /** Throws `Unavailable('database')` in an outage, and what PostgreSQL says otherwise. */
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
  readonly status: OutageGuard['status'];
}

/** So many may wait for each connection of a pool; the next one is told at once. */
const waitingForEach = 50;

const databases = new WeakMap<Pool, Database>();

/** The same for one pool: whoever asks for it shares one circuit, so that all of them know as much of an outage. */
export function reachableDatabase(pool: Pool): Database {
  const known = databases.get(pool);
  if (known !== undefined) return known;
  const guard = outageGuard('database', { isOutage: isDatabaseOutage, isStall });
  const database: Database = {
    query: (query, values) => {
      if (isCrowded(pool)) return Promise.reject(new Unavailable('database'));
      return guard.run(() => pool.query(query, values));
    },
    status: guard.status,
  };
  databases.set(pool, database);
  return database;
}

/**
 * The same database for what takes long. Whether it answers at all is asked first, so that an outage is noticed as soon
 * as everywhere else.
 */
export function longReads(database: Database, pool: Pool): Database {
  const long = reachableDatabase(pool);
  return {
    query: async (query, values) => {
      await database.query('select 1');
      return long.query(query, values);
    },
    status: database.status,
  };
}

/**
 * Whether to try again rather than look for a mistake: no answer at all, or SQLSTATE classes 08, 40, 53, 55 and 57:
 * connection, rollback, resources, object in use, operator.
 */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return error instanceof Error && !(error instanceof TypeError);
  return /^(08|40|53|55|57)/.test(error.code ?? '');
}

/** The client gave up on a server that keeps silent; the client library has no other name for it than these words. */
const isStall = (error: unknown): boolean =>
  error instanceof Error && /^Query read timeout|due to connection timeout/.test(error.message);

const isCrowded = ({ waitingCount, options }: Pool): boolean =>
  waitingCount > 0 && waitingCount >= waitingForEach * options.max;
