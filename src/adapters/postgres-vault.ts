import type { Pool } from 'pg';

import type { Clock, Credentials } from '../application/ports.ts';
import { WrongMasterKey, wrongMasterKey, type MasterKeys } from './master-keys.ts';
import { postgresCredentials } from './postgres-credentials.ts';
import { reachableDatabase } from './postgres-database.ts';
import { postgresServiceKeys, type ServiceKeys } from './postgres-service-keys.ts';
import { postgresSubjectKeys, type DestructibleSubjectKeys } from './postgres-subject-keys.ts';

/** Everything secret that lasts: keys of persons and of the service, password hashes. */
export interface Vault {
  readonly subjectKeys: DestructibleSubjectKeys;
  readonly serviceKeys: ServiceKeys;
  readonly credentials: Credentials;
  /** How many password hashes stand under a pepper. */
  passwordsUnder(pepperVersion: number): Promise<number>;
  /** Throws `WrongMasterKey` when the vault holds a key that none of the master keys opens. Call it at start. */
  verifyMasterKey(): Promise<void>;
  /** Wraps with the current master key whatever an earlier one wrapped; afterwards those may be forgotten. */
  rewrap(): Promise<{ rewrapped: number }>;
}

export function postgresVault({
  pool,
  masterKeys,
  clock,
}: {
  pool: Pool;
  masterKeys: MasterKeys;
  clock: Clock;
}): Vault {
  const database = reachableDatabase(pool);
  const dependencies = { database, masterKeys, clock };
  let verification: Promise<void> | undefined;

  /** Once per process: before the first key is made, so that a wrong master key never starts a second set of keys. */
  async function verified(): Promise<void> {
    verification ??= verifyMasterKey();
    try {
      await verification;
    } catch (error) {
      verification = undefined;
      throw error;
    }
  }

  async function verifyMasterKey(): Promise<void> {
    const used = await database.query<{ id: string }>(masterKeyIdsInUse);
    const unknown = used.rows.find(({ id }) => !masterKeys.ids.includes(id));
    if (unknown) throw new WrongMasterKey(wrongMasterKey(unknown.id));
  }

  const subjectKeys = postgresSubjectKeys({ ...dependencies, verified });
  const serviceKeys = postgresServiceKeys({ ...dependencies, verified });
  return {
    subjectKeys,
    serviceKeys,
    credentials: postgresCredentials(dependencies),
    async passwordsUnder(pepperVersion) {
      const { rows } = await database.query<{ count: string }>(
        'select count(*) from vault.credentials where pepper_version = $1',
        [pepperVersion],
      );
      return Number(rows[0]?.count ?? 0);
    },
    verifyMasterKey,
    async rewrap() {
      await verifyMasterKey();
      return { rewrapped: (await subjectKeys.rewrap()) + (await serviceKeys.rewrap()) };
    },
  };
}

/** Hops along the index from one id to the next: there are few ids and perhaps millions of keys. */
const masterKeyIdsInUse = `
  with recursive hop(id) as (
    select min(master_key_id) from vault.subject_keys
    union all
    select (select min(master_key_id) from vault.subject_keys where master_key_id > hop.id)
    from hop where hop.id is not null
  )
  select id from hop where id is not null
  union
  select master_key_id from vault.service_keys`;
