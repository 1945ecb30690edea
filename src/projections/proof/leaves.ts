import type { ReadModels } from '../read-models.ts';

export interface StoredLeaf {
  readonly index: number;
  readonly eventId: string;
  readonly position: string;
  /** As `storedBytes` makes them. */
  readonly bytes: Buffer;
}

interface LeafRow {
  index: string;
  event_id: string;
  position: string;
  bytes: Buffer;
}

const columns =
  'select l.index, l.event_id, l.position, s.bytes from proof.leaf l join proof.stored_event s using (index)';

export const leavesBetween = (sql: ReadModels, from: number, to: number) =>
  leaves(sql, 'proof-leaves-between', `${columns} where l.index >= $1 and l.index < $2 order by l.index`, [from, to]);

export const leavesAt = (sql: ReadModels, positions: readonly string[]) =>
  leaves(sql, 'proof-leaves-at', `${columns} where l.position = any($1::bigint[]) order by l.index`, [positions]);

export async function leafOfEvent(sql: ReadModels, eventId: string): Promise<StoredLeaf | undefined> {
  const found = await leaves(sql, 'proof-leaf-of', `${columns} where l.event_id = $1 order by l.index limit 1`, [
    eventId,
  ]);
  return found[0];
}

async function leaves(sql: ReadModels, name: string, text: string, values: unknown[]): Promise<StoredLeaf[]> {
  const { rows } = await sql.query<LeafRow>({ name, text, values });
  return rows.map(({ index, event_id: eventId, position, bytes }) => ({
    index: Number(index),
    eventId,
    position,
    bytes,
  }));
}
