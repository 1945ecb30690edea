import type { Clock } from '../application/ports.ts';

type Load<Value> = (names: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

export interface KeyCache<Value> {
  get(name: string): Promise<Value | undefined>;
  /** The next `get` loads again, also where a load is under way. */
  forget(name: string): void;
}

/** Keeps the most recently used for a while; what is not there is not remembered as missing. */
export function keyCache<Value>({
  clock,
  ttlMs,
  size,
  load,
}: {
  clock: Clock;
  ttlMs: number;
  size: number;
  load: Load<Value>;
}): KeyCache<Value> {
  const entries = new Map<string, { value: Promise<Value | undefined>; until: number }>();
  const loading = batched(load);

  function remember(name: string, value: Promise<Value | undefined>): void {
    const entry = { value, until: clock().getTime() + ttlMs };
    entries.set(name, entry);
    const drop = (): void => {
      if (entries.get(name) === entry) entries.delete(name);
    };
    value.then((found) => {
      if (found === undefined) drop();
    }, drop);
    const [oldest] = entries.keys();
    if (entries.size > size && oldest !== undefined) entries.delete(oldest);
  }

  return {
    get(name) {
      const known = entries.get(name);
      entries.delete(name);
      if (known && known.until > clock().getTime()) {
        entries.set(name, known);
        return known.value;
      }
      const value = loading.load(name);
      remember(name, value);
      return value;
    },
    forget(name) {
      entries.delete(name);
      loading.startAnew();
    },
  };
}

/** What is asked for in one turn of the event loop is loaded together. */
function batched<Value>(load: Load<Value>): {
  load(name: string): Promise<Value | undefined>;
  /** What is asked for from now on does not join a load that may have begun. */
  startAnew(): void;
} {
  let open: { names: Set<string>; loaded: Promise<ReadonlyMap<string, Value>> } | undefined;

  function begin(): { names: Set<string>; loaded: Promise<ReadonlyMap<string, Value>> } {
    const names = new Set<string>();
    const loaded = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (open?.names === names) open = undefined;
      return load([...names]);
    });
    return { names, loaded };
  }

  return {
    async load(name) {
      open ??= begin();
      open.names.add(name);
      return (await open.loaded).get(name);
    },
    startAnew() {
      open = undefined;
    },
  };
}
