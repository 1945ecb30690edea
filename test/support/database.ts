import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface CreatedDatabase {
  url: string;
  drop: () => Promise<void>;
}

export interface FreshDatabase extends CreatedDatabase {
  pool: pg.Pool;
}

/** An empty database of its own on the run's PostgreSQL; `drop` ends the pool and whatever else is still connected. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set: test/support/global-servers.ts sets it.');
  const { url, drop } = await createDatabase(server);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined); // an idle connection that `drop` ended
  return {
    url,
    pool,
    drop: async () => {
      if (!pool.ended) await pool.end();
      await drop();
    },
  };
}

/** Needs a role that may create databases. */
export async function createDatabase(server: string): Promise<CreatedDatabase> {
  const name = `mbauth_test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(server, name) };
}

/** Autovacuum may be at work in it, which a role that is no superuser cannot end: within a minute it is done. */
async function dropDatabase(server: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await administer(server, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      const isBusy = error instanceof pg.DatabaseError && (error.code === '42501' || error.code === '55006');
      if (!isBusy || attempt === 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
