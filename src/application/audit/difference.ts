/** What is not there is `undefined`. */
export interface Difference {
  /** JSON pointer (RFC 6901); things in a list stand under their id. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two values of JSON, leaf by leaf, in the order of their fields. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  const [left, right] = [fieldsOf(before), fieldsOf(after)];
  if (left === undefined || right === undefined) return isSame(before, after) ? [] : [{ path, before, after }];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) => differences(left.get(name), right.get(name), `${path}/${escaped(name)}`));
}

/** `undefined` for what is compared as a whole: plain values, and lists of them. */
function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value)) return byId(value);
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
}

/** A list of things by the id that comes first in each. */
function byId(list: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const entries = list.map((item) => [idOf(item), item] as const);
  if (entries.some(([id]) => id === undefined)) return undefined;
  const found = new Map(entries as readonly (readonly [string, unknown])[]);
  return found.size === list.length ? found : undefined;
}

function idOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const [, id] = Object.entries(item).find(([name]) => name.endsWith('Id')) ?? [];
  return typeof id === 'string' ? id : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of our states come in one order, whichever event wrote them. */
const isSame = (before: unknown, after: unknown) => JSON.stringify(before) === JSON.stringify(after);

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
