import { z } from 'zod';

import type { VirtuozzoKey, VirtuozzoKeys, VirtuozzoSecret } from '../application/virtuozzo.ts';
import { seal, unseal } from './aes-gcm.ts';
import type { Database } from './postgres-database.ts';
import type { ServiceKeys } from './postgres-service-keys.ts';

const purpose = 'virtuozzo';

const secretSchema = z.strictObject({
  sessionKey: z.string().min(1),
  token: z.string().min(1).exactOptional(),
  tokenId: z.string().min(1).exactOptional(),
});

interface Row {
  link_id: string;
  team_id: string;
  key_number: number;
  sealed: Buffer;
  obtained_at: Date;
}

const columns = 'link_id, team_id, key_number, sealed, obtained_at';

/** Sealed under a service key of its own (AES-256-GCM), bound to its team and link: copied elsewhere it does not open. */
export function postgresVirtuozzoKeys({
  database,
  serviceKeys,
  clock,
}: {
  database: Pick<Database, 'query'>;
  serviceKeys: Pick<ServiceKeys, 'all'>;
  clock: () => Date;
}): VirtuozzoKeys {
  const vault = { database, sealed: sealer(serviceKeys), opened: opener(serviceKeys) };
  return { ...keeping(vault, clock), ...claiming(vault) };
}

interface Keeping {
  readonly database: Pick<Database, 'query'>;
  readonly sealed: ReturnType<typeof sealer>;
  readonly opened: ReturnType<typeof opener>;
}

function keeping(
  { database, sealed, opened }: Keeping,
  clock: () => Date,
): Pick<VirtuozzoKeys, 'save' | 'load' | 'due' | 'wipe'> {
  return {
    async save({ linkId, teamId, secret, obtainedAt }, dueAt) {
      const { number, bytes } = await sealed({ linkId, teamId }, secret);
      await database.query(
        `insert into vault.virtuozzo_keys (${columns}, due_at, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
        [linkId, teamId, number, bytes, obtainedAt, dueAt, clock()],
      );
    },

    async load(linkId) {
      const { rows } = await database.query<Row>({
        name: 'load-virtuozzo-key',
        text: `select ${columns} from vault.virtuozzo_keys where link_id = $1`,
        values: [linkId],
      });
      return opened(rows[0]);
    },

    async due(now, limit) {
      const { rows } = await database.query<{ link_id: string; team_id: string; created_at: Date }>(
        `select link_id, team_id, created_at from vault.virtuozzo_keys
         where due_at <= $1 and (claimed_until is null or claimed_until <= $1) order by due_at limit $2`,
        [now, limit],
      );
      return rows.map((row) => ({ linkId: row.link_id, teamId: row.team_id, createdAt: row.created_at }));
    },

    async wipe(linkId) {
      const { rows } = await database.query<Row>(
        `delete from vault.virtuozzo_keys where link_id = $1 returning ${columns}`,
        [linkId],
      );
      return opened(rows[0]);
    },
  };
}

function claiming({ database, sealed, opened }: Keeping): Pick<VirtuozzoKeys, 'claim' | 'renew' | 'release'> {
  return {
    async claim(linkId, holder, now, until) {
      const { rows } = await database.query<Row>(
        `update vault.virtuozzo_keys set claim = $2, claimed_until = $4
         where link_id = $1 and due_at <= $3 and (claimed_until is null or claimed_until <= $3) returning ${columns}`,
        [linkId, holder, now, until],
      );
      return opened(rows[0]);
    },

    async renew(linkId, holder, secret, obtainedAt) {
      const found = await database.query<{ team_id: string }>(
        'select team_id from vault.virtuozzo_keys where link_id = $1 and claim = $2',
        [linkId, holder],
      );
      const teamId = found.rows[0]?.team_id;
      if (teamId === undefined) return false;
      const { number, bytes } = await sealed({ linkId, teamId }, secret);
      const { rowCount } = await database.query(
        `update vault.virtuozzo_keys set key_number = $3, sealed = $4, obtained_at = $5
         where link_id = $1 and claim = $2`,
        [linkId, holder, number, bytes, obtainedAt],
      );
      return rowCount === 1;
    },

    async release(linkId, holder, dueAt) {
      await database.query(
        `update vault.virtuozzo_keys set claim = null, claimed_until = null, due_at = $3
         where link_id = $1 and claim = $2`,
        [linkId, holder, dueAt],
      );
    },
  };
}

interface Link {
  readonly linkId: string;
  readonly teamId: string;
}

const associated = ({ linkId, teamId }: Link): string => `${purpose}|${teamId}|${linkId}`;

function sealer(serviceKeys: Pick<ServiceKeys, 'all'>) {
  return async (link: Link, secret: VirtuozzoSecret): Promise<{ number: number; bytes: Buffer }> => {
    const newest = (await serviceKeys.all(purpose)).at(-1);
    if (newest === undefined) throw new Error('The vault has no key for Virtuozzo keys.');
    return {
      number: newest.number,
      bytes: seal(newest.secret, Buffer.from(JSON.stringify(secret)), associated(link)),
    };
  };
}

function opener(serviceKeys: Pick<ServiceKeys, 'all'>) {
  return async (row: Row | undefined): Promise<VirtuozzoKey | undefined> => {
    if (row === undefined) return undefined;
    const link = { linkId: row.link_id, teamId: row.team_id };
    const key = (await serviceKeys.all(purpose)).find(({ number }) => number === row.key_number);
    if (key === undefined) throw new Error('The key that sealed a Virtuozzo key has been retired.');
    const secret = secretSchema.parse(JSON.parse(unseal(key.secret, row.sealed, associated(link)).toString()));
    return { ...link, secret, obtainedAt: row.obtained_at };
  };
}
