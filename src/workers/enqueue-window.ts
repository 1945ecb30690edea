/** Work that runs side by side but counts as done in the order in which it began. */
export interface EnqueueWindow {
  /** Returns when there is room for more. Work that ends with `false` was given up, and is never done. */
  add(position: bigint, work: Promise<boolean> | undefined): Promise<void>;
  /** Everything up to here is done. */
  done(): bigint | undefined;
}

interface Entry {
  readonly position: bigint;
  finished: boolean;
}

export function enqueueWindow(limit: number, signal: AbortSignal): EnqueueWindow {
  const entries: Entry[] = [];
  let done: bigint | undefined;
  let makeRoom: (() => void) | undefined;
  signal.addEventListener('abort', () => makeRoom?.(), { once: true });

  return {
    add: async (position, work) => {
      const entry = { position, finished: work === undefined };
      entries.push(entry);
      void work?.then((finished) => {
        entry.finished = finished;
        advance();
      });
      advance();
      while (entries.length >= limit && !signal.aborted) {
        await new Promise<void>((resolve) => {
          makeRoom = resolve;
        });
      }
    },
    done: () => done,
  };

  function advance(): void {
    while (entries[0]?.finished) {
      done = entries[0].position;
      entries.shift();
    }
    if (entries.length < limit) makeRoom?.();
  }
}
