import type { ClientBase, Pool } from 'pg';

export type ProjectionState = 'catching-up' | 'live' | 'failing' | 'building';

export interface Checkpoint {
  readonly schema: string;
  readonly version: number;
  /** Everything up to here is in the tables; `undefined` before the first event. */
  readonly position: bigint | undefined;
  /** The last event among those. */
  readonly eventPosition: bigint | undefined;
}

/** Someone else moved or replaced this checkpoint: the tables are theirs now. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

interface CheckpointRow {
  schema: string;
  version: number;
  position: string | null;
  event_position: string | null;
}

const columns = 'schema, version, position, event_position';

export async function activeCheckpoint(
  sql: ClientBase | Pool,
  name: string,
  lock: '' | 'for update' = '',
): Promise<Checkpoint | undefined> {
  const { rows } = await sql.query<CheckpointRow>(
    `select ${columns} from engine.projection_checkpoint where name = $1 and active ${lock}`,
    [name],
  );
  return rows[0] && checkpointOf(rows[0]);
}

/**
 * A build in this version that was paused, or whose process died: its rows and its position are of one transaction, so
 * it can go on. The caller holds the rebuild lock.
 */
export async function unfinishedBuild(
  sql: ClientBase,
  { name, version }: { name: string; version: number },
): Promise<Checkpoint | undefined> {
  const { rows } = await sql.query<CheckpointRow>(
    `select ${columns} from engine.projection_checkpoint where name = $1 and version = $2 and not active
     order by updated_at desc limit 1`,
    [name, version],
  );
  return rows[0] && checkpointOf(rows[0]);
}

const checkpointOf = (row: CheckpointRow): Checkpoint => ({
  ...row,
  position: bigintOf(row.position),
  eventPosition: bigintOf(row.event_position),
});

const bigintOf = (text: string | null) => (text === null ? undefined : BigInt(text));

/**
 * Moves a checkpoint from exactly where the caller left it, and locks it until the transaction ends. Returns how many
 * events are parked. Throws `CheckpointMoved`.
 */
export async function advance(
  sql: ClientBase,
  from: Checkpoint,
  to: { position: bigint | undefined; eventPosition: bigint | undefined; state: ProjectionState },
): Promise<number> {
  const { rows } = await sql.query<{ parked: number }>({
    name: 'advance-checkpoint',
    text: `update engine.projection_checkpoint
           set position = coalesce($3, position), event_position = coalesce($4, event_position), status = $5,
               updated_at = now()
           where schema = $1 and position is not distinct from $2
           returning parked`,
    values: [from.schema, from.position, to.position, to.eventPosition, to.state],
  });
  if (!rows[0]) throw new CheckpointMoved(`the checkpoint of ${from.schema} is no longer at ${String(from.position)}`);
  return rows[0].parked;
}

export async function markFailing(pool: Pool, { name, version }: { name: string; version: number }): Promise<void> {
  await pool.query(
    `update engine.projection_checkpoint set status = 'failing', updated_at = now() where name = $1 and version = $2 and active`,
    [name, version],
  );
}
