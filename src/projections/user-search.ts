import { pageOf, positionOf, type Page, type PageRequest } from './cursor.ts';
import type { Readers } from './sealed.ts';
import { profileColumns, profileOf, type UserProfile, type UserRow } from './users.ts';

/**
 * The newest registration first; with `emailHash`, of this very address. Registrations that came to nothing are left out
 * then: their address was somebody else's, or is nobody's. Throws `InvalidCursor`.
 */
export async function usersBy(
  readers: Readers,
  { emailHash }: { readonly emailHash: string | undefined },
  { cursor, limit }: PageRequest,
): Promise<Page<UserProfile>> {
  const { rows } = await readers.pool.query<UserRow & { position: string }>({
    name: 'users-by',
    text: `select ${profileColumns}, position from read_model.users
           where ($1::text is null or (email_hash = $1 and status not in ('refused', 'lapsed')))
             and ($2::bigint is null or position < $2)
           order by position desc limit $3`,
    values: [emailHash ?? null, positionOf(cursor) ?? null, limit + 1],
  });
  const items = await Promise.all(rows.slice(0, limit).map((row) => profileOf(readers, row)));
  return pageOf(rows, limit, items);
}
