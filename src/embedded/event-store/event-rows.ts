import type { EventFilter } from './filters.ts';
import type { StoredEvent } from './event.ts';

export const pageRows = 500;

/** A page ends with the event that reaches this many bytes, so one large event more is its most. */
export const pageBytes = 256 * 1024;

export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

export type Direction = 'forwards' | 'backwards';

/** Positions from `from` to `to`, both included, `from` being where the reading starts. */
export interface AllRange {
  readonly from: bigint;
  readonly to: bigint;
  readonly direction: Direction;
  readonly limit: number;
  readonly prefixes?: Extract<EventFilter, { prefixes: readonly string[] }>;
}

export interface StreamRange {
  readonly stream: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly direction: Direction;
  readonly limit: number;
  /** Events later than this position are not there yet for the reader. */
  readonly head: bigint;
  readonly createdAfterMs?: number | undefined;
}

export interface EventRow {
  pos: string;
  stream: string;
  rev: string;
  id: string;
  type: string;
  is_json: boolean;
  data: Buffer;
  meta: Buffer;
  created: number;
}

const visibleInAll = `not (starts_with(stream, '$') and (stream = '$epoch-information'
  or stream like '$persistentsubscription-$all::%-checkpoint' or stream like '$persistentsubscription-$all::%-parked'))`;

export function allPage({ from, to, direction, limit, prefixes }: AllRange): Query {
  const [low, high] = direction === 'forwards' ? [from, to] : [to, from];
  const conditions = ['pos >= $1', 'pos <= $2', visibleInAll];
  if (prefixes !== undefined) {
    const alternatives = prefixes.prefixes.map((_, index) => `starts_with(${prefixes.on}, $${index + 4})`);
    conditions.push(`(${alternatives.join(' or ')})`);
  }
  return {
    text: page('pos', direction, conditions, '$3'),
    values: [low.toString(), high.toString(), limit, ...(prefixes?.prefixes ?? [])],
  };
}

export function streamPage({ stream, from, to, direction, limit, head, createdAfterMs }: StreamRange): Query {
  const [low, high] = direction === 'forwards' ? [from, to] : [to, from];
  const conditions = ['stream = $1', 'rev >= $2', 'rev <= $3', 'pos <= $5'];
  const values: unknown[] = [stream, low.toString(), high.toString(), limit, head.toString()];
  if (createdAfterMs !== undefined) {
    conditions.push('created >= to_timestamp($6::float8 / 1000)');
    values.push(createdAfterMs);
  }
  return { text: page('rev', direction, conditions, '$4'), values };
}

/** Large values are not fetched to be measured: `octet_length` reads the length from the pointer to them. */
function page(order: 'pos' | 'rev', direction: Direction, conditions: readonly string[], limit: string): string {
  const by = `${order} ${direction === 'forwards' ? 'asc' : 'desc'}`;
  return `select pos, stream, rev, id, type, is_json, data, meta, date_part('epoch', created) as created
    from (select *, sum(size) over (order by ${by} rows unbounded preceding) - size as before
      from (select *, octet_length(data) + octet_length(meta) as size
        from event_store.event where ${conditions.join(' and ')} order by ${by} limit ${limit}) page) sized
    where before < ${pageBytes} order by ${by}`;
}

export function storedEvent(row: EventRow): StoredEvent {
  return {
    position: BigInt(row.pos),
    stream: row.stream,
    revision: BigInt(row.rev),
    id: row.id,
    type: row.type,
    isJson: row.is_json,
    data: row.data,
    metadata: row.meta,
    createdMicroseconds: Math.round(row.created * 1e6),
  };
}

/** One statement for a whole group; the payloads travel as one binary value and are cut up by Postgres. */
export function insertEvents(events: readonly StoredEvent[], createdMs: number): Query {
  return {
    text: `insert into event_store.event (pos, stream, rev, id, type, is_json, data, meta, created)
      select pos, stream, rev, id, type, is_json, substring($1::bytea from data_from for data_size),
        substring($1::bytea from meta_from for meta_size), to_timestamp($2::float8 / 1000)
      from unnest($3::bigint[], $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::bool[], $9::int[], $10::int[], $11::int[], $12::int[])
        as e (pos, stream, rev, id, type, is_json, data_from, data_size, meta_from, meta_size)`,
    values: [
      Buffer.concat(events.flatMap((event) => [event.data, event.metadata])),
      createdMs,
      events.map((event) => event.position.toString()),
      events.map((event) => event.stream),
      events.map((event) => event.revision.toString()),
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => event.isJson),
      ...sliceColumns(events),
    ],
  };
}

/** SQL counts bytes from 1. */
function sliceColumns(events: readonly StoredEvent[]): number[][] {
  const columns: [number[], number[], number[], number[]] = [[], [], [], []];
  let next = 1;
  for (const { data, metadata } of events) {
    columns[0].push(next);
    columns[1].push(data.length);
    columns[2].push(next + data.length);
    columns[3].push(metadata.length);
    next += data.length + metadata.length;
  }
  return columns;
}
