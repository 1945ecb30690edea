import type { ClientBase } from 'pg';

type Sql = Pick<ClientBase, 'query'>;

const name = 'jobs';
const minuteMs = 60_000;
/** Rows of the history that a rewind can still ask for: a day of retries, and some. */
const historyMs = 26 * 60 * minuteMs;

export interface Progress {
  /** Every event up to here has its jobs in the queue; `undefined` before the first. */
  readonly position: bigint | undefined;
  readonly enqueuedAt: Date | undefined;
  readonly generation: string | undefined;
}

/** Whether this connection leads now; it does until it ends. */
export async function tryToLead(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ leads: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('engine.reaction_checkpoint', 0)) as leads`,
  );
  return rows[0]?.leads === true;
}

export async function loadProgress(sql: Sql): Promise<Progress> {
  const { rows } = await sql.query<{
    position: string | null;
    enqueued_at: Date | null;
    queue_generation: string | null;
  }>('select position, enqueued_at, queue_generation from engine.reaction_checkpoint where name = $1', [name]);
  const row = rows[0];
  return {
    position: row?.position ? BigInt(row.position) : undefined,
    enqueuedAt: row?.enqueued_at ?? undefined,
    generation: row?.queue_generation ?? undefined,
  };
}

export async function saveGeneration(sql: Sql, generation: string): Promise<void> {
  await sql.query(
    `insert into engine.reaction_checkpoint (name, queue_generation) values ($1, $2)
     on conflict (name) do update set queue_generation = excluded.queue_generation`,
    [name, generation],
  );
}

/** Saves how far it has come, never back, and once a minute notes it in the history. */
export async function saveProgress(
  sql: Sql,
  { position, enqueuedAt, now }: { position: bigint; enqueuedAt: Date; now: Date },
): Promise<void> {
  await sql.query(
    `insert into engine.reaction_checkpoint as c (name, position, enqueued_at) values ($1, $2, $3)
     on conflict (name) do update
       set position = greatest(c.position, excluded.position), enqueued_at = greatest(c.enqueued_at, excluded.enqueued_at)`,
    [name, position, enqueuedAt],
  );
  const { rowCount } = await sql.query(
    `insert into engine.reaction_history (name, at, position)
     select $1::text, $2::timestamptz, $3::bigint
      where not exists (select 1 from engine.reaction_history where name = $1 and at > $4)
     on conflict do nothing`,
    [name, now, position, new Date(now.getTime() - minuteMs)],
  );
  if (rowCount) await forgetHistory(sql, new Date(enqueuedAt.getTime() - historyMs));
}

/** The newest row before `until` stays: what is asked for is a position at least as old. */
async function forgetHistory(sql: Sql, until: Date): Promise<void> {
  await sql.query(
    `delete from engine.reaction_history
      where name = $1 and at < (select max(at) from engine.reaction_history where name = $1 and at < $2)`,
    [name, until],
  );
}

/** A position that was reached by then: everything after it includes all that was put into the queue since. */
export async function positionAt(sql: Sql, at: Date): Promise<bigint | 'start'> {
  const { rows } = await sql.query<{ position: string }>(
    'select position from engine.reaction_history where name = $1 and at <= $2 order by at desc limit 1',
    [name, at],
  );
  return rows[0] ? BigInt(rows[0].position) : 'start';
}
