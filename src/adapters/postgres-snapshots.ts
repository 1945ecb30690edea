import type { Pool } from 'pg';

import { Unavailable, type Snapshots } from '../application/ports.ts';
import { inTime } from './in-time.ts';
import { reachableDatabase } from './postgres-database.ts';

/** Milliseconds; the whole stream is read sooner than a database that does not answer gives up. */
const worthWaitingMs = 300;

/** Without the database there are no snapshots, and whole streams are read instead: commands go on. */
export function postgresSnapshots({ pool }: { pool: Pool }): Snapshots {
  const database = reachableDatabase(pool);

  return {
    async load(stream, version) {
      const found = await inTime('database', worthWaitingMs, () =>
        database.query<{ state: unknown; revision: string; position: string }>({
          name: 'load-snapshot',
          text: 'select state, revision, position from service.snapshots where stream = $1 and state_version = $2',
          values: [stream, version],
        }),
      ).catch(passOverOutage);
      const row = found?.rows[0];
      return row && { state: row.state, revision: BigInt(row.revision), position: BigInt(row.position) };
    },

    async save(stream, version, { state, revision, position }) {
      await inTime('database', worthWaitingMs, () =>
        database.query(
          `insert into service.snapshots (stream, state_version, revision, position, state) values ($1, $2, $3, $4, $5)
         on conflict (stream, state_version) do update set revision = $3, position = $4, state = $5
         where service.snapshots.revision < $3`,
          [stream, version, revision, position, JSON.stringify(state)],
        ),
      ).catch(passOverOutage);
    },
  };
}

function passOverOutage(error: unknown): undefined {
  if (!(error instanceof Unavailable)) throw error;
}
