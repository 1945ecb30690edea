import { canonicalAddress } from './client-network.ts';
import { addressHash, type SubjectKeys } from './event-sealing.ts';
import type { Database } from './postgres-database.ts';

/** Finds events by the address of their client, although no hash that all events share is in the log. */
export interface ClientAddresses {
  /** Does not wait: whoever is not remembered now is with their next event from there. */
  readonly remember: (subject: string, ip: string) => void;
  /** What the events from this address bear, one for each person (or day, for unknown ones) that has a key still. */
  hashesOf(ip: string): Promise<readonly string[]>;
}

const rememberedAtMost = 50_000;

export function postgresClientAddresses({
  database,
  subjectKeys,
  nameOf,
}: {
  database: Pick<Database, 'query'>;
  subjectKeys: Pick<SubjectKeys, 'forOpening'>;
  /** A keyed hash, as an id. */
  nameOf: (ip: string) => string;
}): ClientAddresses {
  const remembered = new Set<string>();

  return {
    remember(subject, ip) {
      const pair = `${subject} ${ip}`;
      if (remembered.has(pair)) return;
      if (remembered.size >= rememberedAtMost) remembered.clear();
      remembered.add(pair);
      // The lock on the key's row keeps a person who is being erased from coming back here.
      database
        .query(
          `insert into vault.client_addresses (address_hash, subject)
           select $1, subject from vault.subject_keys where subject = $2 and destroyed_at is null for share
           on conflict do nothing`,
          [nameOf(canonicalAddress(ip)), subject],
        )
        .catch(() => remembered.delete(pair));
    },

    async hashesOf(ip) {
      const { rows } = await database.query<{ subject: string }>(
        'select subject from vault.client_addresses where address_hash = $1',
        [nameOf(canonicalAddress(ip))],
      );
      const keys = await Promise.all(rows.map(({ subject }) => subjectKeys.forOpening(subject)));
      return keys.flatMap((key) => (key === undefined ? [] : [addressHash(key, ip)]));
    },
  };
}
