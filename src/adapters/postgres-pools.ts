import { Pool, type PoolConfig } from 'pg';

/** Milliseconds; the server gives a statement up before the client gives the connection up, if it lives. */
interface Limits {
  /** For a connection: one of the pool, or a new one. */
  readonly connectionTimeoutMillis: number;
  readonly statement_timeout?: number;
  /** After it the connection is thrown away. */
  readonly query_timeout?: number;
}

/** Somebody waits for the answer: with both limits it is there, or an error, within two and a half seconds. */
const requestLimits: Limits = { connectionTimeoutMillis: 1000, statement_timeout: 1200, query_timeout: 1500 };

/** Somebody waits, and knows that much has to be read. */
const reportLimits: Limits = { connectionTimeoutMillis: 1000, statement_timeout: 20_000, query_timeout: 21_000 };

/** Nobody waits: a rebuild or a migration takes as long as it takes. A dead connection is noticed by keep-alive. */
const patientLimits: Limits = { connectionTimeoutMillis: 5000 };

/** At most so many reports at once, so that they never take the connections of the others. */
const reportsAtOnce = 4;

export interface Pools {
  /** For requests and jobs. */
  readonly requests: (max: number) => Pool;
  readonly reports: () => Pool;
  /** For projectors, migrations and everything else without a time limit. */
  readonly patient: (max: number) => Pool;
  readonly end: () => Promise<void>;
}

/** Pools that connect only when they are asked. `onLost` hears of idle connections that were lost. */
export function postgresPools(connectionString: string, onLost: (error: Error) => void): Pools {
  const opened: Pool[] = [];
  const open = (limits: Limits, max: number): Pool => {
    const config: PoolConfig = {
      connectionString,
      max,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...limits,
    };
    const pool = new Pool(config).on('error', onLost);
    opened.push(pool);
    return pool;
  };
  return {
    requests: (max) => open(requestLimits, max),
    reports: () => open(reportLimits, reportsAtOnce),
    patient: (max) => open(patientLimits, max),
    end: async () => {
      await Promise.all(opened.map((pool) => pool.end()));
    },
  };
}
