import { status } from '@grpc/grpc-js';
import { Pool, type ClientBase, type PoolConfig, type QueryResultRow } from 'pg';
import { CallError, unavailable } from './errors.ts';
import type { Query } from './event-rows.ts';

/** A connection or a pool of them, with statements prepared once per connection. */
export type RunQuery = <Row extends QueryResultRow>(query: Query) => Promise<Row[]>;

const queryTimeoutMs = 15_000;
const readers = 8;

/**
 * Every query follows an index in its order. The planner is told so, because a statement prepared while the table was
 * small would otherwise keep its sequential scan.
 */
export function connectionConfig(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: 'event-store',
    options: '-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off -c synchronous_commit=on',
    query_timeout: queryTimeoutMs,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  };
}

export function readerPool(url: string): Pool {
  const pool = new Pool({ ...connectionConfig(url), max: readers });
  // A connection that breaks while idle is replaced at its next use.
  pool.on('error', () => undefined);
  return pool;
}

export function queryRunner(connection: Pool | ClientBase): RunQuery {
  return async <Row extends QueryResultRow>({ text, values }: Query) => {
    const { rows } = await connection.query<Row>({ name: statementName(text), text, values: [...values] });
    return rows;
  };
}

/** Reads answer UNAVAILABLE whenever Postgres does not. */
export function reader(pool: Pool): RunQuery {
  const run = queryRunner(pool);
  return async <Row extends QueryResultRow>(query: Query) => {
    try {
      return await run<Row>(query);
    } catch (error) {
      throw isRefusedStatement(error)
        ? new CallError(status.UNKNOWN, 'The server failed to read its log.')
        : unavailable();
    }
  };
}

/** The statement itself was refused while the connection is sound: bad data, a broken constraint, a limit. */
export function isRefusedStatement(error: unknown): boolean {
  return /^(?:22|23|42|54)/.test(sqlState(error));
}

function sqlState(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const statementNames = new Map<string, string>();

function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `event_store_${statementNames.size}`;
  statementNames.set(text, name);
  return name;
}
