import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** The tables as readers ask them: a pool, or what turns a pool's outages into `Unavailable`. */
export interface ReadModels {
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
}
