import type { ClientBase, Pool } from 'pg';
import type { Recorded } from '../application/ports.ts';
import type { Projection } from './projection.ts';

/** An event that a read model could not take, or that stands behind such a one in its stream. */
export interface ParkedEvent {
  readonly projection: string;
  readonly version: number;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly reason: 'failed' | 'behind';
  /** Carries no personal data: events reach projections sealed. */
  readonly error: string;
  readonly parkedAt?: Date;
}

/** Streams among these events that already have a parked one; the checkpoint must be locked. */
export async function blockedStreams(
  sql: ClientBase,
  schema: string,
  parkedCount: number,
  events: readonly Recorded[],
): Promise<Set<string>> {
  if (parkedCount === 0) return new Set();
  const { rows } = await sql.query<{ stream: string }>(
    'select distinct stream from engine.parked_event where schema = $1 and stream = any($2)',
    [schema, [...new Set(events.map(({ stream }) => stream))]],
  );
  return new Set(rows.map(({ stream }) => stream));
}

export async function park(
  sql: ClientBase,
  schema: string,
  { name, version }: Projection,
  recorded: Recorded,
  why: Error | 'behind',
): Promise<ParkedEvent> {
  const parked: ParkedEvent = {
    projection: name,
    version,
    stream: recorded.stream,
    revision: recorded.revision,
    position: recorded.position,
    eventId: recorded.id,
    type: recorded.event.type,
    reason: why === 'behind' ? 'behind' : 'failed',
    error: why === 'behind' ? 'an earlier event of this stream is parked' : why.message,
  };
  await sql.query(
    `with parked as (
       insert into engine.parked_event
         (schema, projection, version, stream, revision, position, event_id, type, reason, error)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (schema, event_id) do nothing returning 1)
     update engine.projection_checkpoint set parked = parked + (select count(*) from parked) where schema = $1`,
    [
      schema,
      name,
      version,
      parked.stream,
      parked.revision,
      parked.position,
      parked.eventId,
      parked.type,
      parked.reason,
      parked.error,
    ],
  );
  return parked;
}

export async function unpark(sql: ClientBase, schema: string, eventId: string): Promise<void> {
  await sql.query(
    `with unparked as (delete from engine.parked_event where schema = $1 and event_id = $2 returning 1)
     update engine.projection_checkpoint set parked = parked - (select count(*) from unparked) where schema = $1`,
    [schema, eventId],
  );
}

interface ParkedRow extends Omit<ParkedEvent, 'revision' | 'position'> {
  revision: string;
  position: string;
}

const select = `select p.projection, p.version, p.stream, p.revision, p.position, p.event_id as "eventId", p.type,
    p.reason, p.error, p.parked_at as "parkedAt"
  from engine.parked_event p join engine.projection_checkpoint c using (schema)`;

/** What is parked in the live tables, of one projection or of all, in the order of the log. */
export async function parkedEvents(pool: Pool, name?: string): Promise<ParkedEvent[]> {
  const { rows } = await pool.query<ParkedRow>(
    `${select} where c.active and ($1::text is null or p.projection = $1) order by p.projection, p.position`,
    [name ?? null],
  );
  return rows.map(parkedOf);
}

export async function parkedOfStream(sql: ClientBase, schema: string, stream: string): Promise<ParkedEvent[]> {
  const { rows } = await sql.query<ParkedRow>(`${select} where p.schema = $1 and p.stream = $2 order by p.position`, [
    schema,
    stream,
  ]);
  return rows.map(parkedOf);
}

const parkedOf = (row: ParkedRow): ParkedEvent => ({
  ...row,
  revision: BigInt(row.revision),
  position: BigInt(row.position),
});
