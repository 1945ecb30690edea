import type { RunQuery } from './database.ts';
import { isMetastream } from './event.ts';
import { noLimits, parseLimits, type StreamState } from './stream-state.ts';

/** The states of recently used streams, so that most appends and reads need not look them up. */
export interface StreamStates {
  get: (stream: string) => StreamState | undefined;
  set: (stream: string, state: StreamState) => void;
  clear: () => void;
}

const rememberedStreams = 10_000;

export function createStreamStates(): StreamStates {
  const states = new Map<string, StreamState>();
  return {
    get: (stream) => states.get(stream),
    set: (stream, state) => {
      states.delete(stream);
      states.set(stream, state);
      const oldest = states.keys().next();
      if (states.size > rememberedStreams && oldest.done !== true) states.delete(oldest.value);
    },
    clear: () => {
      states.clear();
    },
  };
}

interface StateRow {
  stream: string;
  rev: string | null;
  metadata: Buffer | null;
}

const statesAt = `select s.stream, e.rev, m.data as metadata
  from unnest($1::text[]) as s (stream)
  left join lateral (select rev from event_store.event where stream = s.stream and pos <= $2
    order by rev desc limit 1) e on true
  left join lateral (select data from event_store.event where stream = '$$' || s.stream and pos <= $2
    order by rev desc limit 1) m on true`;

/** The states of these streams as of a position of the log. */
export async function loadStates(
  run: RunQuery,
  streams: readonly string[],
  head: bigint,
): Promise<Map<string, StreamState>> {
  if (streams.length === 0) return new Map();
  const rows = await run<StateRow>({ text: statesAt, values: [streams, head.toString()] });
  return new Map(rows.map((row) => [row.stream, stateOf(row)]));
}

function stateOf({ stream, rev, metadata }: StateRow): StreamState {
  return {
    lastRevision: rev === null ? -1n : BigInt(rev),
    hasMetadata: metadata !== null,
    limits: isMetastream(stream) ? noLimits : parseLimits(metadata ?? undefined),
  };
}
