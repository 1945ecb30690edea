import type { PlacedEvent, SubscribeRaw } from '../../application/ports.ts';
import { rawEventOf, storedBytes, DamagedBytes, type RawEvent } from '../../domain/audit-proof/stored-bytes.ts';
import type { AuditMismatch } from '../../domain/audit-checkpoint/events.ts';
import { leafHash, type Sha256 } from '../../domain/merkle.ts';
import { sameBytes } from '../../domain/merkle-verification.ts';
import type { ReadModels } from '../read-models.ts';
import type { IsExpired } from './expiry.ts';

export interface Mismatch {
  readonly mismatch: AuditMismatch;
  readonly index: number | null;
  readonly eventId: string | null;
  /** Names the place, never what stands in personal fields. */
  readonly detail: string;
}

/** A leaf with the hash that its table has for it, which need not be that of its bytes. */
export interface KeptLeaf {
  readonly index: number;
  readonly eventId: string;
  readonly position: bigint;
  readonly hash: Buffer;
  /** `undefined` where that row is gone. */
  readonly bytes: Buffer | undefined;
}

interface LeafRow {
  index: string;
  event_id: string;
  position: string;
  hash: Buffer;
  bytes: Buffer | null;
}

export async function keptLeaves(sql: ReadModels, from: number, to: number): Promise<KeptLeaf[]> {
  const { rows } = await sql.query<LeafRow>({
    name: 'proof-kept-leaves',
    text: `select l.*, s.bytes from proof.leaf l left join proof.stored_event s using (index)
      where l.index >= $1 and l.index < $2 order by l.index`,
    values: [from, to],
  });
  return rows.map(({ index, event_id: eventId, position, hash, bytes }) => ({
    index: Number(index),
    eventId,
    position: BigInt(position),
    hash,
    bytes: bytes ?? undefined,
  }));
}

/** The store's events from one place on, one at a time; ends with the log. */
export function storeReader(subscribeRaw: SubscribeRaw, after: bigint | 'start', signal: AbortSignal) {
  const entries = subscribeRaw(after, signal)[Symbol.asyncIterator]();
  let waiting: PlacedEvent | undefined;
  let ended = false;

  async function peek(): Promise<PlacedEvent | undefined> {
    while (waiting === undefined && !ended) {
      const next = await entries.next();
      if (next.done === true || next.value.kind === 'caught-up') ended = true;
      else if (next.value.kind === 'event') waiting = next.value.recorded;
    }
    return waiting;
  }

  return {
    /** Those up to a position. */
    async upTo(position: bigint): Promise<PlacedEvent[]> {
      const events: PlacedEvent[] = [];
      for (let event = await peek(); event && event.position <= position; event = await peek()) {
        events.push(event);
        waiting = undefined;
      }
      return events;
    },
    close: async () => {
      await entries.return?.();
    },
  };
}

/** The bytes of a leaf, unless the tables have others than those it is the hash of. */
export const soundBytes = (sha256: Sha256, { bytes, hash }: KeptLeaf): Buffer | undefined =>
  bytes && sameBytes(leafHash(sha256, bytes), hash) ? bytes : undefined;

/** Leaf by leaf, what the store has at the same place of the log. */
export function compareStore(
  sha256: Sha256,
  leaves: readonly KeptLeaf[],
  events: readonly PlacedEvent[],
  isExpired: IsExpired,
): Mismatch[] {
  const byPosition = new Map(events.map((event) => [event.position, event]));
  const found: Mismatch[] = [];
  for (const leaf of leaves) {
    const event = byPosition.get(leaf.position);
    byPosition.delete(leaf.position);
    if (event === undefined && isLetGo(sha256, leaf, isExpired)) continue;
    const mismatch = leafMismatch(sha256, leaf, event);
    if (mismatch) found.push(mismatch);
  }
  for (const event of byPosition.values()) {
    const detail = `${placeOf(event)} stands in the store, but was not there when its place of the log was proven`;
    found.push({ mismatch: 'event-inserted', index: null, eventId: event.id, detail });
  }
  return found;
}

/** Only where the bytes that the tree proves say themselves that a policy covers them. */
function isLetGo(sha256: Sha256, leaf: KeptLeaf, isExpired: IsExpired): boolean {
  const known = soundBytes(sha256, leaf);
  const raw = known && rawOf(known);
  return raw?.id === leaf.eventId && isExpired(raw);
}

function leafMismatch(sha256: Sha256, leaf: KeptLeaf, event: PlacedEvent | undefined): Mismatch | undefined {
  const { index, eventId, hash, bytes } = leaf;
  const known = soundBytes(sha256, leaf);
  if (event === undefined) {
    const detail = `${describe(known, eventId)} is not in the store any more`;
    return { mismatch: 'event-missing', index, eventId, detail };
  }
  if (!sameBytes(leafHash(sha256, storedBytes(event)), hash)) {
    // Either side may have been changed; where the copy still has its own hash, it is the store.
    if (known === undefined && bytes && sameBytes(bytes, storedBytes(event))) {
      return { mismatch: 'proof-changed', index, eventId, detail: `the leaf of ${placeOf(event)} was changed` };
    }
    const detail = `${describe(known, eventId)} is not in the store as it was proven (${changedPart(known, event)})`;
    return { mismatch: 'event-changed', index, eventId, detail };
  }
  if (known === undefined || event.id !== eventId) {
    const detail = `the copy of ${placeOf(event)} in the tables of the proofs was changed`;
    return { mismatch: 'proof-changed', index, eventId, detail };
  }
  return undefined;
}

const placeOf = ({ stream, revision, type }: { stream: string; revision: bigint; type: string }) =>
  `${type} at ${stream}@${revision}`;

function describe(bytes: Uint8Array | undefined, eventId: string): string {
  const raw = bytes && rawOf(bytes);
  return raw ? placeOf(raw) : `event ${eventId}`;
}

function changedPart(known: Uint8Array | undefined, event: PlacedEvent): string {
  const raw = known && rawOf(known);
  if (!raw) return 'its bytes differ';
  const fields = ['type', 'stream', 'revision', 'id'] as const;
  const changed: string[] = fields.filter((field) => raw[field] !== event[field]);
  if (!sameBytes(raw.data, event.data)) changed.push('data');
  if (!sameBytes(raw.metadata, event.metadata)) changed.push('metadata');
  return `changed: ${changed.join(', ')}`;
}

export function rawOf(bytes: Uint8Array): RawEvent | undefined {
  try {
    return rawEventOf(bytes);
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined;
    throw error;
  }
}
