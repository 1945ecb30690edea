import type { RawEvent } from '../../domain/audit-proof/stored-bytes.ts';
import { technicalCategories, type RetentionSet, type TechnicalCategory } from '../../domain/retention/events.ts';
import { mayHaveExpired } from '../../domain/expiry.ts';

/** Whether the store may have let go of an event by now. */
export type IsExpired = (event: RawEvent) => boolean;

/** Asks the log anew which policies there are and were. */
export type Expiry = () => Promise<IsExpired>;

export type Policies = Readonly<Record<TechnicalCategory, readonly RetentionSet['data'][]>>;

const never: IsExpired = () => false;

export const nothingExpires: Expiry = () => Promise.resolve(never);

/** `undefined` where no policy ever was. */
export function expiryUnder(policies: Policies, prefix: string, now: Date): IsExpired | undefined {
  const known = technicalCategories.filter((category) => policies[category].length > 0);
  if (known.length === 0) return undefined;
  return ({ stream, data }) => {
    const category = known.find((name) => stream.startsWith(beginningOf(prefix, name)));
    const at = category && timeIn(data);
    return at !== undefined && mayHaveExpired(policies[category as TechnicalCategory], at, now);
  };
}

/** What the names of the streams of a category begin with. */
export const beginningOf = (prefix: string, category: TechnicalCategory): string => `${prefix}${category}-`;

function timeIn(data: Uint8Array): string | undefined {
  try {
    const { at } = JSON.parse(Buffer.from(data).toString()) as { at?: unknown };
    return typeof at === 'string' ? at : undefined;
  } catch {
    return undefined;
  }
}
