/** The same numbers for the same seed (mulberry32): 32 bits at a time. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** How ids and hashes of the data end, so that copies of them can be told: the last four digits are the copy's. */
export const mark = 'f00dbeef0000';

/** Ids in the form of UUIDv7 (RFC 9562 §5.7), ascending by their time; the rest from the numbers, and the mark. */
export function idsFrom(numbers: () => number, startMs: number): () => string {
  let time = startMs;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0').slice(-digits);
  return () => {
    time += 1;
    const stamp = hex(time, 12);
    const variant = hex(0x8000 | (numbers() & 0x3fff), 4);
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${hex(numbers(), 3)}-${variant}-${mark}`;
  };
}
