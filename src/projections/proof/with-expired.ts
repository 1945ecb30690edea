import type { LogEntry, PlacedEvent, Recorded, Subscribe } from '../../application/ports.ts';
import { technicalCategories } from '../../domain/retention/events.ts';
import type { Sha256 } from '../../domain/merkle.ts';
import type { ReadModels } from '../read-models.ts';
import { rawOf, soundBytes } from './compare.ts';
import { beginningOf, type IsExpired } from './expiry.ts';

const pageSize = 500;

export interface ExpiredSource {
  readonly sql: ReadModels;
  readonly sha256: Sha256;
  /** Of stream names. */
  readonly prefix: string;
  /** `undefined` for a type that this version does not know. */
  readonly decode: (event: PlacedEvent) => Recorded | undefined;
  /** `undefined` where no policy ever was. */
  readonly expiry: () => Promise<IsExpired | undefined>;
}

/**
 * The log with the events that the store has let go of, as the proven bytes have them, each at its place: what is built
 * from it is the same before and after. Only up to the end of the log; no event expires as young as those that follow.
 */
export function withExpired(source: ExpiredSource, subscribe: Subscribe): Subscribe {
  return async function* follow(after, signal) {
    const isExpired = await source.expiry();
    if (isExpired === undefined) {
      yield* subscribe(after, signal);
      return;
    }
    const gone = expiredAfter(source, isExpired, after === 'start' ? -1n : after);
    let atEnd = false;
    for await (const entry of subscribe(after, signal)) {
      if (!atEnd) yield* gone.upTo(entry.kind === 'caught-up' ? undefined : entry.position, entry.kind === 'event');
      atEnd ||= entry.kind === 'caught-up';
      yield entry;
    }
  };
}

/** Those that may have expired, in the order of the log; whether the store has them shows while they are given out. */
function expiredAfter(source: ExpiredSource, isExpired: IsExpired, after: bigint) {
  const candidates = candidatesAfter(source, isExpired, after);
  let next: PlacedEvent | undefined;
  const peek = async () => (next ??= ((await candidates.next()).value as PlacedEvent | undefined) ?? undefined);
  return {
    /** `isThere`: the store has the event at that very position. */
    async *upTo(position: bigint | undefined, isThere: boolean): AsyncGenerator<LogEntry> {
      for (let event = await peek(); event !== undefined; event = await peek()) {
        if (position !== undefined && event.position > position) return;
        next = undefined;
        const recorded = isThere && event.position === position ? undefined : source.decode(event);
        if (recorded) yield { kind: 'event', recorded, position: event.position };
      }
    },
  };
}

interface Row {
  event_id: string;
  position: string;
  recorded_at: Date | null;
  hash: Buffer;
  bytes: Buffer;
}

/** The type is before the stream in the bytes of a leaf, each after its length of four bytes, of which types need two. */
const technicalLeaves = `select l.event_id, l.position, l.recorded_at, l.hash, s.bytes
  from proof.leaf l join proof.stored_event s using (index)
  where l.position > $1 and exists (select from unnest($2::bytea[]) beginning
    where substr(s.bytes, 9 + 256 * get_byte(s.bytes, 2) + get_byte(s.bytes, 3), length(beginning)) = beginning)
  order by l.position limit ${pageSize}`;

async function* candidatesAfter(
  { sql, sha256, prefix }: ExpiredSource,
  isExpired: IsExpired,
  after: bigint,
): AsyncGenerator<PlacedEvent> {
  const beginnings = technicalCategories.map((category) => Buffer.from(beginningOf(prefix, category)));
  for (let from = after; ;) {
    const { rows } = await sql.query<Row>(technicalLeaves, [from, beginnings]);
    for (const row of rows) {
      const event = provenEvent(sha256, row);
      if (event && isExpired(event)) yield event;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    from = BigInt(last.position);
  }
}

function provenEvent(sha256: Sha256, { event_id: eventId, position, recorded_at, hash, bytes }: Row) {
  const known = soundBytes(sha256, { index: 0, eventId, position: BigInt(position), hash, bytes });
  const raw = known && rawOf(known);
  if (raw?.id !== eventId || recorded_at === null) return undefined;
  return { ...raw, position: BigInt(position), recordedAt: recorded_at };
}
