import type { LogEntry } from '../application/ports.ts';

export interface Limits {
  readonly entries: number;
  /** Of memory, as `weightOf` estimates it. */
  readonly bytes: number;
}

export type Placed<Event> = Exclude<LogEntry<Event>, { kind: 'caught-up' }>;

/** The newest entries of the log without a gap, each with a number that counts them. */
export interface RecentEntries<Event> {
  add(entry: Placed<Event>): void;
  /** `undefined` when it is not here yet; `'gone'` when it has made room for others. */
  at(number: number): Placed<Event> | undefined | 'gone';
  /** Which one follows this position; `undefined` when it may be gone, or be so soon that it is not worth starting. */
  after(position: bigint | 'start'): number | undefined;
}

/** Begins with what follows `origin`; what is too much pushes the oldest out. */
export function recentEntries<Event>(origin: bigint | 'start', limits: Limits): RecentEntries<Event> {
  const places = new Array<{ entry: Placed<Event>; weight: number } | undefined>(limits.entries);
  let first = 0;
  let next = 0;
  let bytes = 0;
  // Everything that follows it is here.
  let floor = numeric(origin);

  const placeOf = (number: number) => places[number % limits.entries];
  const positionOf = (number: number) => placeOf(number)?.entry.position ?? floor;

  const dropFirst = () => {
    floor = positionOf(first);
    bytes -= placeOf(first)?.weight ?? 0;
    places[first % limits.entries] = undefined;
    first += 1;
  };

  return {
    add: (entry) => {
      if (next - first === limits.entries) dropFirst();
      const weight = weightOf(entry);
      places[next % limits.entries] = { entry, weight };
      next += 1;
      bytes += weight;
      while (bytes > limits.bytes) dropFirst();
    },

    at: (number) => {
      if (number < first) return 'gone';
      return number < next ? placeOf(number)?.entry : undefined;
    },

    after: (after) => {
      const position = numeric(after);
      const middle = first + Math.floor((next - first) / 2);
      // From the older half once something was pushed out, a follower would soon be left behind again.
      const from = first === 0 ? first : middle;
      if (position < (from === first ? floor : positionOf(from - 1))) return undefined;
      let [low, high] = [from, next];
      while (low < high) {
        const between = Math.floor((low + high) / 2);
        if (positionOf(between) <= position) low = between + 1;
        else high = between;
      }
      return low;
    },
  };
}

/** Before every position there is. */
const numeric = (position: bigint | 'start') => (position === 'start' ? -1n : position);

/** Of a pointer, a small number or the head of an object. */
const smallBytes = 16;

/** About how many bytes of memory a value takes. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return smallBytes + value.length;
  if (typeof value !== 'object' || value === null) return smallBytes;
  let bytes = smallBytes;
  for (const key in value) bytes += smallBytes + weightOf(value[key as keyof typeof value]);
  return bytes;
}
