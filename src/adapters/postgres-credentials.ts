import type { Clock, Credentials } from '../application/ports.ts';
import type { Database } from './postgres-database.ts';

export function postgresCredentials({ database, clock }: { database: Database; clock: Clock }): Credentials {
  return {
    async save(credentialId, userId, { scheme, pepperVersion, hash }) {
      await database.query(
        `insert into vault.credentials (credential_id, user_id, scheme, pepper_version, hash, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (credential_id) do update set scheme = $3, pepper_version = $4, hash = $5
         where vault.credentials.user_id = $2`,
        [credentialId, userId, scheme, pepperVersion, hash, clock()],
      );
    },

    async load(credentialId) {
      const { rows } = await database.query<{ scheme: string; pepper_version: number; hash: string }>({
        name: 'load-credential',
        text: 'select scheme, pepper_version, hash from vault.credentials where credential_id = $1',
        values: [credentialId],
      });
      const [row] = rows;
      return row && { scheme: row.scheme, pepperVersion: row.pepper_version, hash: row.hash };
    },

    async replace(credentialId, known, by) {
      const { rowCount } = await database.query(
        `update vault.credentials set scheme = $3, pepper_version = $4, hash = $5
         where credential_id = $1 and hash = $2`,
        [credentialId, known.hash, by.scheme, by.pepperVersion, by.hash],
      );
      return rowCount === 1;
    },

    async remove(userId) {
      await database.query('delete from vault.credentials where user_id = $1', [userId]);
    },

    async list(before, after, limit) {
      const { rows } = await database.query<{ credential_id: string; user_id: string }>(
        `select credential_id, user_id from vault.credentials
         where created_at < $1 and ($2::uuid is null or credential_id > $2) order by credential_id limit $3`,
        [before, after ?? null, limit],
      );
      return rows.map((row) => ({ credentialId: row.credential_id, userId: row.user_id }));
    },

    async discard(credentialId) {
      await database.query('delete from vault.credentials where credential_id = $1', [credentialId]);
    },
  };
}
