/** A committed event, encoded once for all the subscribers that are up to date. */
export interface TailEntry {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly bytes: Buffer;
}

/** How far the log is committed, and its last entries kept in memory. */
export interface CommitLog {
  head: () => bigint;
  publish: (entries: readonly TailEntry[]) => void;
  /** After connecting: moves to what the table holds, and never back. */
  resume: (head: bigint) => void;
  /** The entries after a position, or undefined when the memory no longer reaches back to it. */
  after: (position: bigint) => readonly TailEntry[] | undefined;
  /** Calls back after each commit and each resumption, until the returned function is called. */
  onChange: (listener: () => void) => () => void;
}

const keptEntries = 1000;
const keptBytes = 4 * 1024 * 1024;

export function createCommitLog(): CommitLog {
  let head = 0n;
  let tail: TailEntry[] = [];
  let bytes = 0;
  const listeners = new Set<() => void>();
  const announce = (): void => {
    for (const listener of [...listeners]) listener();
  };
  return {
    head: () => head,
    publish: (entries) => {
      for (const entry of entries) bytes += entry.bytes.length;
      tail.push(...entries);
      const kept = trim(tail, bytes);
      tail = kept.tail;
      bytes = kept.bytes;
      head = entries.at(-1)?.position ?? head;
      announce();
    },
    resume: (stored) => {
      if (stored > head) {
        head = stored;
        tail = [];
        bytes = 0;
      }
      announce();
    },
    after: (position) => {
      const first = tail[0];
      if (first === undefined || position + 1n < first.position) return undefined;
      return tail.slice(Number(position + 1n - first.position));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function trim(tail: TailEntry[], bytes: number): { tail: TailEntry[]; bytes: number } {
  let dropped = 0;
  let left = bytes;
  while (tail.length - dropped > keptEntries || left > keptBytes) {
    left -= tail[dropped]?.bytes.length ?? left;
    dropped += 1;
  }
  return dropped === 0 ? { tail, bytes } : { tail: tail.slice(dropped), bytes: left };
}
