import { randomBytes } from 'node:crypto';

import type { MasterKeys } from './master-keys.ts';
import type { VerifiedVault } from './verified-vault.ts';

/** A key of the installation. `secret` is 32 random bytes unless the purpose makes its own, e.g. a private JWK. */
export interface ServiceKey {
  /** From 1; the highest is the newest. */
  readonly number: number;
  readonly secret: Buffer;
  readonly public: unknown;
  readonly createdAt: Date;
}

export type MakeKey = () => Promise<{ secret: Uint8Array; public: unknown }>;

export interface ServiceKeys {
  /** Oldest first. The first one is made when there is none; processes that start at once end with the same. */
  all(purpose: string, make?: MakeKey): Promise<readonly ServiceKey[]>;
  /** Adds a newer key; the earlier ones stay until retired. */
  rotate(purpose: string, make?: MakeKey): Promise<ServiceKey>;
  /** What it signed or sealed is worthless from now on. */
  retire(purpose: string, number: number): Promise<void>;
  rewrap(): Promise<number>;
}

interface Row {
  purpose: string;
  number: number;
  wrapped_key: Buffer;
  master_key_id: string;
  public: unknown;
  created_at: Date;
  retired_at: Date | null;
}

const symmetricKey: MakeKey = () => Promise.resolve({ secret: randomBytes(32), public: null });

export function postgresServiceKeys(vault: VerifiedVault): ServiceKeys {
  return {
    async all(purpose, make = symmetricKey) {
      const found = await load(vault, purpose);
      if (found.active.length > 0) return found.active;
      await add(vault, { purpose, number: found.highest + 1 }, make);
      return (await load(vault, purpose)).active;
    },

    async rotate(purpose, make = symmetricKey) {
      const number = (await load(vault, purpose)).highest + 1;
      await add(vault, { purpose, number }, make);
      const newest = (await load(vault, purpose)).active.at(-1);
      if (newest === undefined) throw new Error(`There is no key for ${purpose}.`);
      return newest;
    },

    async retire(purpose, number) {
      await vault.database.query('update vault.service_keys set retired_at = $3 where purpose = $1 and number = $2', [
        purpose,
        number,
        vault.clock(),
      ]);
    },

    rewrap: () => rewrap(vault),
  };
}

/** `highest` counts retired keys as well: a number is never given twice. */
async function load(
  { database, masterKeys }: VerifiedVault,
  purpose: string,
): Promise<{ active: readonly ServiceKey[]; highest: number }> {
  const { rows } = await database.query<Row>('select * from vault.service_keys where purpose = $1 order by number', [
    purpose,
  ]);
  const active = rows
    .filter((row) => row.retired_at === null)
    .map((row) => ({
      number: row.number,
      secret: unwrapped(row, masterKeys),
      public: row.public,
      createdAt: row.created_at,
    }));
  return { active, highest: rows.at(-1)?.number ?? 0 };
}

/** Of several processes that add the same number one wins. */
async function add(
  { database, masterKeys, clock, verified }: VerifiedVault,
  { purpose, number }: { purpose: string; number: number },
  make: MakeKey,
): Promise<void> {
  await verified();
  const { secret, public: shown } = await make();
  const { wrapped, masterKeyId } = masterKeys.wrap(secret, purposeOf(purpose, number));
  await database.query(
    `insert into vault.service_keys (purpose, number, wrapped_key, master_key_id, public, created_at)
     values ($1, $2, $3, $4, $5, $6) on conflict (purpose, number) do nothing`,
    [purpose, number, wrapped, masterKeyId, JSON.stringify(shown), clock()],
  );
}

async function rewrap({ database, masterKeys }: VerifiedVault): Promise<number> {
  const { rows } = await database.query<Row>('select * from vault.service_keys where master_key_id <> $1', [
    masterKeys.currentId,
  ]);
  for (const row of rows) {
    const again = masterKeys.wrap(unwrapped(row, masterKeys), purposeOf(row.purpose, row.number));
    await database.query(
      'update vault.service_keys set wrapped_key = $3, master_key_id = $4 where purpose = $1 and number = $2',
      [row.purpose, row.number, again.wrapped, again.masterKeyId],
    );
  }
  return rows.length;
}

function unwrapped({ purpose, number, wrapped_key, master_key_id }: Row, masterKeys: MasterKeys): Buffer {
  return masterKeys.unwrap({ wrapped: wrapped_key, masterKeyId: master_key_id }, purposeOf(purpose, number));
}

function purposeOf(purpose: string, number: number): string {
  return `service|${purpose}|${number}`;
}
