import { randomBytes } from 'node:crypto';

import type { SubjectKeys } from './event-sealing.ts';
import { keyCache } from './key-cache.ts';
import type { MasterKeys } from './master-keys.ts';
import type { VerifiedVault } from './verified-vault.ts';

export interface DestructibleSubjectKeys extends SubjectKeys {
  /** At once in this process; others forget the key within `cachedForMs`. */
  destroy(subject: string): Promise<void>;
  rewrap(): Promise<number>;
}

/** How long a key destroyed by another process may still open things here. */
const cachedForMs = 30_000;
const cachedKeys = 10_000;
const rewrapBatch = 500;

interface Row {
  subject: string;
  wrapped_key: Buffer | null;
  master_key_id: string | null;
}

/** `null` for a destroyed key. */
type Found = Buffer | null;

export function postgresSubjectKeys(vault: VerifiedVault): DestructibleSubjectKeys {
  const { database, clock } = vault;
  const cache = keyCache<Found>({
    clock,
    ttlMs: cachedForMs,
    size: cachedKeys,
    load: (subjects) => load(vault, subjects),
  });

  return {
    async forSealing(subject) {
      const found = await cache.get(subject);
      if (found !== undefined) return found ?? undefined;
      await create(vault, subject);
      return (await cache.get(subject)) ?? undefined;
    },

    async forOpening(subject) {
      return (await cache.get(subject)) ?? undefined;
    },

    async destroy(subject) {
      await database.query(
        `insert into vault.subject_keys (subject, created_at, destroyed_at) values ($1, $2, $2)
         on conflict (subject) do update set wrapped_key = null, master_key_id = null, destroyed_at = $2
         where vault.subject_keys.destroyed_at is null`,
        [subject, clock()],
      );
      // Only now: with the key gone, nobody can be remembered at an address any more.
      await database.query('delete from vault.client_addresses where subject = $1', [subject]);
      cache.forget(subject);
    },

    async rewrap() {
      for (let total = 0; ;) {
        const done = await rewrapSome(vault);
        if (done === 0) return total;
        total += done;
      }
    },
  };
}

async function load({ database, masterKeys }: VerifiedVault, subjects: readonly string[]): Promise<Map<string, Found>> {
  const { rows } = await database.query<Row>({
    name: 'load-subject-keys',
    text: 'select subject, wrapped_key, master_key_id from vault.subject_keys where subject = any($1)',
    values: [subjects],
  });
  return new Map(rows.map((row) => [row.subject, unwrapped(row, masterKeys)]));
}

async function create({ database, masterKeys, clock, verified }: VerifiedVault, subject: string): Promise<void> {
  await verified();
  const { wrapped, masterKeyId } = masterKeys.wrap(randomBytes(32), purposeOf(subject));
  await database.query(
    `insert into vault.subject_keys (subject, wrapped_key, master_key_id, created_at) values ($1, $2, $3, $4)
     on conflict (subject) do nothing`,
    [subject, wrapped, masterKeyId, clock()],
  );
}

async function rewrapSome({ database, masterKeys }: VerifiedVault): Promise<number> {
  const { rows } = await database.query<Row>(
    `select subject, wrapped_key, master_key_id from vault.subject_keys
     where master_key_id is not null and (master_key_id < $1 or master_key_id > $1) limit $2`,
    [masterKeys.currentId, rewrapBatch],
  );
  const changes = rows.flatMap((row) => {
    const key = unwrapped(row, masterKeys);
    return key === null ? [] : [{ ...row, now: masterKeys.wrap(key, purposeOf(row.subject)).wrapped }];
  });
  // A key destroyed meanwhile no longer equals what was read, and stays destroyed.
  await database.query(
    `update vault.subject_keys as k set wrapped_key = c.now, master_key_id = $1
     from unnest($2::text[], $3::bytea[], $4::bytea[]) as c (subject, was, now)
     where k.subject = c.subject and k.wrapped_key = c.was`,
    [
      masterKeys.currentId,
      changes.map(({ subject }) => subject),
      changes.map(({ wrapped_key }) => wrapped_key),
      changes.map(({ now }) => now),
    ],
  );
  return rows.length;
}

function unwrapped({ subject, wrapped_key, master_key_id }: Row, masterKeys: MasterKeys): Found {
  if (wrapped_key === null || master_key_id === null) return null;
  return masterKeys.unwrap({ wrapped: wrapped_key, masterKeyId: master_key_id }, purposeOf(subject));
}

function purposeOf(subject: string): string {
  return `subject|${subject}`;
}
