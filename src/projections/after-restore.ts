import type { ClientBase, Pool } from 'pg';
import { cutBack } from './proof/cut-back.ts';
import { inTransaction } from './transaction.ts';

/** What was in the database and was made from events that the log does not have. */
export interface Emptied {
  readonly readModels: readonly string[];
  readonly proof: boolean;
  readonly reactions: boolean;
  readonly snapshots: number;
  readonly answers: number;
}

/**
 * Fits a restored database to a restored log that ends before it: whatever was made from later events is emptied, and
 * is made again from the log; the tree of the log is cut back, for it may hold what the store has let go of. Only while no process of the service runs. `head`: position of the log's last event.
 */
export async function emptyWhatIsAhead(pool: Pool, head: bigint | undefined): Promise<Emptied> {
  const sql = await pool.connect();
  try {
    return await inTransaction(sql, () => empty(sql, head ?? -1n));
  } finally {
    sql.release();
  }
}

async function empty(sql: ClientBase, head: bigint): Promise<Emptied> {
  const readModels = await dropReadModels(sql, head);
  const proof = await cutBack(sql, head);
  await lookAgain(sql, head);
  const reactions = await turnReactionsBack(sql, head);
  const snapshots = await sql.query('delete from service.snapshots where position > $1', [head]);
  const isAhead = readModels.length > 0 || proof || reactions || (snapshots.rowCount ?? 0) > 0;
  // Some of these answers are to commands that the log does not know: a repeat has to be a new command.
  const answers = isAhead ? await sql.query('delete from vault.idempotency') : undefined;
  return { readModels, proof, reactions, snapshots: snapshots.rowCount ?? 0, answers: answers?.rowCount ?? 0 };
}

/** Their views go with them; the next start makes them anew. */
async function dropReadModels(sql: ClientBase, head: bigint): Promise<string[]> {
  const { rows } = await sql.query<{ schema: string; name: string }>(
    `delete from engine.projection_checkpoint where position > $1 or event_position > $1 returning schema, name`,
    [head],
  );
  for (const { schema } of rows) await sql.query(`drop schema if exists ${schema} cascade`);
  return [...new Set(rows.map(({ name }) => name))].toSorted((a, b) => (a < b ? -1 : 1));
}

/** Events after the head will be other ones, whose jobs have to be made. */
async function turnReactionsBack(sql: ClientBase, head: bigint): Promise<boolean> {
  const back = head < 0n ? null : head;
  await sql.query('update engine.reaction_history set position = $2 where position > $1', [head, back ?? 0n]);
  const { rowCount } = await sql.query('update engine.reaction_checkpoint set position = $2 where position > $1', [
    head,
    back,
  ]);
  return Boolean(rowCount);
}

/** What the store was told to keep for how long may not be in its backup; what it knows is not told again. */
async function lookAgain(sql: ClientBase, head: bigint): Promise<void> {
  await sql.query('update engine.retention set position = null, reached = least(reached, $1)', [head]);
}
