import type { Pool } from 'pg';
import type { ProjectionState } from './checkpoint.ts';
import { projectionLock } from './lock.ts';

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: bigint | undefined;
  /** Distance to the head in positions of the log (bytes, not events); `undefined` when the head is not known. */
  readonly lag: bigint | undefined;
  /** `stopped`: no process runs it. */
  readonly status: ProjectionState | 'stopped';
  readonly parked: number;
  readonly updatedAt: Date;
  /** A build that is being loaded beside it. */
  readonly rebuild: { readonly version: number; readonly position: bigint | undefined } | undefined;
}

interface StatusRow {
  name: string;
  version: number;
  position: string | null;
  status: ProjectionState;
  parked: number;
  updatedAt: Date;
  running: boolean;
  rebuildVersion: number | null;
  rebuildPosition: string | null;
}

/** How each read model stands; `headPosition` is the last position of the log. */
export async function projectionStatus(pool: Pool, headPosition?: bigint): Promise<ProjectionStatus[]> {
  const { rows } = await pool.query<StatusRow>(
    `select c.name, c.version, c.position, c.status, c.parked, c.updated_at as "updatedAt",
       b.version as "rebuildVersion", b.position as "rebuildPosition",
       exists (select from pg_locks l
               where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                 and l.database = (select oid from pg_database where datname = current_database())
                 and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1 || c.name, 0)) as running
     from engine.projection_checkpoint c
     left join lateral (select version, position from engine.projection_checkpoint
                        where name = c.name and not active order by updated_at desc limit 1) b on true
     where c.active order by c.name`,
    [projectionLock('')],
  );
  return rows.map((row) => statusOf(row, headPosition));
}

function statusOf(row: StatusRow, headPosition: bigint | undefined): ProjectionStatus {
  const position = row.position === null ? undefined : BigInt(row.position);
  const behind = headPosition === undefined ? undefined : headPosition - (position ?? 0n);
  const rebuildPosition = row.rebuildPosition === null ? undefined : BigInt(row.rebuildPosition);
  return {
    name: row.name,
    version: row.version,
    position,
    lag: behind !== undefined && behind < 0n ? 0n : behind,
    status: row.running ? row.status : 'stopped',
    parked: row.parked,
    updatedAt: row.updatedAt,
    rebuild: row.rebuildVersion === null ? undefined : { version: row.rebuildVersion, position: rebuildPosition },
  };
}
