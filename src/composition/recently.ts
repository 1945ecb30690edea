import { Unavailable, type Clock } from '../application/ports.ts';

/**
 * Remembers for a moment what was found, for so many keys, and for as long as it cannot be looked for again; what was not
 * found is looked for again each time.
 */
export function recently<Value>(
  load: (key: string) => Promise<Value | undefined>,
  { forMs, size, clock }: { forMs: number; size: number; clock: Clock },
): (key: string) => Promise<Value | undefined> {
  const found = new Map<string, { readonly value: Value; readonly until: number }>();
  return async (key) => {
    const known = found.get(key);
    if (known !== undefined && known.until > clock().getTime()) return known.value;
    const value = await load(key).catch((error: unknown) => {
      if (known !== undefined && error instanceof Unavailable) return known.value;
      throw error;
    });
    found.delete(key);
    if (value !== undefined) found.set(key, { value, until: clock().getTime() + forMs });
    const [oldest] = found.keys();
    if (found.size > size && oldest !== undefined) found.delete(oldest);
    return value;
  };
}
