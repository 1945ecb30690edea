/** Tells a filtered reader how far it has come although nothing matched. */
export interface Checkpoints {
  /** The checkpoints that are due when everything up to and including a position has been looked at. */
  upTo: (position: bigint) => Iterable<bigint>;
  /** The one at the end of the history, unless it was given already. */
  atEnd: (position: bigint) => Iterable<bigint>;
}

/** Positions are dense, so the distance between two of them is the number of events looked at. */
export function createCheckpoints(interval: bigint, start: bigint): Checkpoints {
  let last = start;
  return {
    *upTo(position) {
      while (position - last >= interval) {
        last += interval;
        yield last;
      }
    },
    *atEnd(position) {
      if (position <= last) return;
      last = position;
      yield last;
    },
  };
}

export const noCheckpoints: Checkpoints = { upTo: () => [], atEnd: () => [] };
