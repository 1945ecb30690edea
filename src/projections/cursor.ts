export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** Not a cursor that one of our answers gave. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

export const cursorOf = (position: string): string => Buffer.from(position).toString('base64url');

/** Throws `InvalidCursor`. */
export const positionOf = (cursor: string | undefined): string | undefined => markIn(cursor, /^\d{1,18}$/);

/** For lists in another order: whatever `pageOf` was given as a row's position. Throws `InvalidCursor`. */
export function markIn(cursor: string | undefined, pattern: RegExp): string | undefined {
  if (cursor === undefined) return undefined;
  const mark = Buffer.from(cursor, 'base64url').toString();
  if (!pattern.test(mark) || cursorOf(mark) !== cursor) throw new InvalidCursor('not a cursor');
  return mark;
}

/** One row more than the limit has been read, which tells whether there is another page. */
export function pageOf<Item>(rows: readonly { position: string }[], limit: number, items: readonly Item[]): Page<Item> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: items.slice(0, limit), ...(last && { nextCursor: cursorOf(last.position) }) };
}
