import type { Pool } from 'pg';
import { activeCheckpoint } from './checkpoint.ts';
import { acquireLock } from './lock.ts';
import type { Projection } from './projection.ts';
import { createActive } from './schema.ts';

/** Makes the tables of read models that nobody has run yet, so that a query finds them empty rather than missing. */
export async function prepareReadModels(
  pool: Pool,
  projections: readonly Projection[],
  signal: AbortSignal,
): Promise<void> {
  const owned = await acquireLock(pool, 'mbauth prepare read models', signal);
  try {
    for (const projection of projections) {
      if (!(await activeCheckpoint(owned.sql, projection.name))) await createActive(owned.sql, projection);
    }
  } finally {
    owned.release();
  }
}
