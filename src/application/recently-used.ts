export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** All together may weigh so much, but for the newest, which is kept whatever it weighs. */
interface Weight<Value> {
  readonly most: number;
  readonly of: (value: Value) => number;
}

/**
 * Keeps what was used last: at least half of so many, at most all of them. Nothing moves when what is new is used again;
 * a map whose entries move with each use is copied all the time.
 */
export function recentlyUsed<Value>(size: number, weight: Weight<Value> = weightless): RecentlyUsed<Value> {
  let newer = new Map<string, Value>();
  let older = new Map<string, Value>();
  let weighs = 0;

  function set(key: string, value: Value): void {
    const before = newer.get(key);
    if (before !== undefined) weighs -= weight.of(before);
    newer.set(key, value);
    weighs += weight.of(value);
    if (newer.size < size / 2 && weighs < weight.most / 2) return;
    older = newer;
    newer = new Map();
    weighs = 0;
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

const weightless = { most: Infinity, of: () => 0 };
