import type { StreamRevision } from './ports.ts';

export interface Loaded<State> {
  readonly state: State;
  readonly revision: StreamRevision;
  readonly position: bigint | undefined;
  /** Revision of the snapshot that was used; -1 without one. */
  readonly snapshotRevision: bigint;
}

/**
 * What streams were folded to a moment ago. Never what is so: a load reads on from there to the end of the stream, and
 * a decision made on it counts only if the append finds the stream at the same revision.
 */
export interface RecentStates {
  /** `evolve` says whose state it is. */
  of<State>(stream: string, evolve: Evolve<State>): Loaded<State> | undefined;
  keep<State>(stream: string, evolve: Evolve<State>, loaded: Loaded<State>): void;
  forget(stream: string): void;
}

// A method, so that the events of one aggregate need not be those of another.
type Evolve<State> = { bivariant(state: State, event: never): State }['bivariant'];

interface Entry {
  readonly evolve: unknown;
  readonly loaded: Loaded<unknown>;
  readonly weight: number;
}

/** About as many bytes, in all: enough for ten thousand people with a session each. */
const mostBytes = 8 * 1024 * 1024;

/**
 * Streams that are found only with a token or an id. Those that an e-mail address leads to are not among them: a second
 * question about an address that is known must not be answered sooner; nor those whose state tells of places.
 */
const foundByToken: readonly string[] = ['sessions', 'login', 'team'];

export function recentStates({ most = mostBytes, kinds = foundByToken } = {}): RecentStates {
  const entries = new Map<string, Entry>();
  let weight = 0;

  function forget(stream: string): void {
    weight -= entries.get(stream)?.weight ?? 0;
    entries.delete(stream);
  }

  return {
    forget,
    of<State>(stream: string, evolve: Evolve<State>) {
      const entry = entries.get(stream);
      return entry?.evolve === evolve ? (entry.loaded as Loaded<State>) : undefined;
    },
    keep(stream, evolve, loaded) {
      if (loaded.revision === 'no-stream' || !kinds.includes(stream.slice(0, stream.indexOf('-')))) return;
      const known = entries.get(stream)?.loaded.revision ?? 'no-stream';
      // Two requests may end in another order than they read in.
      if (known !== 'no-stream' && known > loaded.revision) return;
      forget(stream);
      const entry = { evolve, loaded, weight: weightOf(loaded.state) + weightOf(stream) };
      entries.set(stream, entry);
      weight += entry.weight;
      for (const oldest of entries.keys()) {
        if (weight <= most) return;
        forget(oldest);
      }
    },
  };
}

const bytesOfAnything = 16;

/** In about as many bytes as it takes. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return bytesOfAnything + value.length;
  if (typeof value !== 'object' || value === null) return bytesOfAnything;
  let sum = bytesOfAnything;
  for (const part of Object.values(value)) sum += bytesOfAnything + weightOf(part);
  return sum;
}
