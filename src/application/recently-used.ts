export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Keeps what was used last: at least half of so many, at most all of them. Nothing moves when what is new is used again;
 * a map whose entries move with each use is copied all the time.
 */
export function recentlyUsed<Value>(size: number): RecentlyUsed<Value> {
  let newer = new Map<string, Value>();
  let older = new Map<string, Value>();

  function set(key: string, value: Value): void {
    newer.set(key, value);
    if (newer.size < size / 2) return;
    older = newer;
    newer = new Map();
  }

  return {
    set,
    get(key) {
      const known = newer.get(key);
      if (known !== undefined) return known;
      const before = older.get(key);
      if (before !== undefined) set(key, before);
      return before;
    },
  };
}
