import { accessDifferences, inLists, type AccessDiff } from './access-diff.ts';
import { accessAt, type Access } from './access-queries.ts';
import { memberKeys, type AccessScope, type MemberKey, type MembersAsked, type Span } from './access-rows.ts';
import { markIn, pageOf, type Page } from './cursor.ts';
import type { Readers } from './sealed.ts';

/** Members that are looked at together, most of whom a permission or a comparison may leave out. */
const membersAtOnce = 500;

export interface AccessPage {
  /** The last one of the page before. */
  readonly after?: MemberKey | undefined;
  readonly limit: number;
}

export type AccessDiffPage = AccessDiff & Pick<Page<never>, 'nextCursor'>;

const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
const oneMark = new RegExp(`^\\d{1,18} ${uuid} ${uuid}$`);
const spanMark = new RegExp(`^\\d{1,18} \\d{1,18} ${uuid} ${uuid}$`);

/** Where a page goes on, at the position that the first one was of. Throws `InvalidCursor`. */
export function accessCursor(cursor: string | undefined): { position: string; after: MemberKey } | undefined {
  const mark = markIn(cursor, oneMark);
  if (mark === undefined) return undefined;
  const [position, teamId, userId] = mark.split(' ') as [string, string, string];
  return { position, after: { teamId, userId } };
}

/** The same for a comparison of two positions. Throws `InvalidCursor`. */
export function accessDiffCursor(cursor: string | undefined): { span: Span; after: MemberKey } | undefined {
  const mark = markIn(cursor, spanMark);
  if (mark === undefined) return undefined;
  const [after, upTo, teamId, userId] = mark.split(' ') as [string, string, string, string];
  return { span: { after, upTo }, after: { teamId, userId } };
}

/** Who could do what at a position; with `permission`, only those who held it. By team and person. */
export async function accessPage(
  readers: Readers,
  scope: AccessScope,
  position: string,
  page: AccessPage,
  permission?: string,
): Promise<Page<Access>> {
  const find = (asked: MembersAsked) => accessAt(readers, asked, position, permission);
  const found = await gather(readers, scope, position, page, find);
  return pageOf(marked(position, found), page.limit, found);
}

/** What somebody could do at the later position and not at the earlier one, and the other way round; a page of members. */
export async function accessDiffPage(
  readers: Readers,
  scope: AccessScope,
  span: Span,
  page: AccessPage,
): Promise<AccessDiffPage> {
  const find = (asked: MembersAsked) => accessDifferences(readers, asked, span);
  // Who had access at either position was a member by the later one, whichever that is.
  const last = BigInt(span.after) > BigInt(span.upTo) ? span.after : span.upTo;
  const found = await gather(readers, scope, last, page, find);
  const { items, ...next } = pageOf(marked(`${span.after} ${span.upTo}`, found), page.limit, found);
  return { ...inLists(items), ...next };
}

/** One more than the limit, where there is one. */
async function gather<Item extends MemberKey>(
  { pool }: Readers,
  scope: AccessScope,
  position: string,
  { after, limit }: AccessPage,
  find: (asked: MembersAsked) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const found: Item[] = [];
  let asked: MembersAsked = { ...scope, after };
  for (;;) {
    const keys = await memberKeys(pool, asked, position, membersAtOnce);
    const upTo = keys.at(-1);
    if (upTo === undefined) return found;
    found.push(...(await find({ ...asked, upTo })));
    if (found.length > limit || keys.length < membersAtOnce) return found;
    asked = { ...scope, after: upTo };
  }
}

const marked = (moment: string, found: readonly MemberKey[]) =>
  found.map(({ teamId, userId }) => ({ position: `${moment} ${teamId} ${userId}` }));
