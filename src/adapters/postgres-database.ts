import { DatabaseError, type Pool, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';

import { outageGuard } from './outage-guard.ts';

export interface Database {
  /** Throws `Unavailable('database')` in an outage, and what PostgreSQL says otherwise. */
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
}

export function reachableDatabase(pool: Pool): Database {
  const guard = outageGuard('database', isDatabaseOutage);
  return { query: (query, values) => guard.run(() => pool.query(query, values)) };
}

/**
 * Whether to try again rather than look for a mistake: no answer at all, or SQLSTATE classes 08, 40, 53, 55 and 57:
 * connection, rollback, resources, object in use, operator.
 */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return error instanceof Error && !(error instanceof TypeError);
  return /^(08|40|53|55|57)/.test(error.code ?? '');
}
