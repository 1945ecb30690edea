import type { ReadModels } from './read-models.ts';

export interface Erasure {
  readonly userId: string;
  readonly receiptId: string;
  readonly erasedAt: Date;
}

/** Everybody who was erased, in the order of their ids. */
export async function erasures(pool: ReadModels, after: string | undefined, limit: number): Promise<Erasure[]> {
  const { rows } = await pool.query<Erasure>({
    name: 'erasures',
    text: `select user_id as "userId", receipt_id as "receiptId", erased_at as "erasedAt" from read_model.users
           where status = 'erased' and ($1::uuid is null or user_id > $1) order by user_id limit $2`,
    values: [after ?? null, limit],
  });
  return rows;
}
