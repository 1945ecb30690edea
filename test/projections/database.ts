import { readFileSync } from 'node:fs';
import { Pool } from 'pg';
import { freshDatabase as freshEmptyDatabase } from '../support/database.ts';

export interface TestDatabase {
  readonly pool: Pool;
  readonly url: string;
  drop(): Promise<void>;
}

const migration = new URL('../../migrations/0002_projections.sql', import.meta.url);

/** An empty database with the engine's tables. */
export async function freshDatabase(): Promise<TestDatabase> {
  const { url, pool: small, drop } = await freshEmptyDatabase();
  await small.query(readFileSync(migration, 'utf8'));
  const pool = new Pool({ connectionString: url, max: 30 });
  // Tests terminate connections on purpose.
  pool.on('error', () => undefined);
  return {
    pool,
    url,
    drop: async () => {
      await pool.end();
      await drop();
    },
  };
}
