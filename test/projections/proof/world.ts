import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { checkpointFiles } from '../../../src/adapters/checkpoint-files.ts';
import { auditSigningKeys } from '../../../src/adapters/audit-signing-keys.ts';
import { eventCodec } from '../../../src/adapters/event-codec.ts';
import { eventKnowledge } from '../../../src/adapters/event-knowledge.ts';
import { connectEventStore } from '../../../src/adapters/eventstoredb-client.ts';
import { eventstoredbEventStore } from '../../../src/adapters/eventstoredb-event-store.ts';
import { eventstoredbRawEvents, rawDecoder } from '../../../src/adapters/eventstoredb-raw-events.ts';
import { eventstoredbSubscription } from '../../../src/adapters/eventstoredb-subscription.ts';
import { masterKeys } from '../../../src/adapters/master-keys.ts';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { personalData } from '../../../src/adapters/personal-data.ts';
import { migrate } from '../../../src/adapters/postgres-migrations.ts';
import { postgresVault } from '../../../src/adapters/postgres-vault.ts';
import { newId } from '../../../src/adapters/uuid-ids.ts';
import { signCheckpoint } from '../../../src/application/audit/sign-checkpoint.ts';
import { auditEvents } from '../../../src/projections/audit-queries.ts';
import { projections } from '../../../src/projections/all.ts';
import { prepareReadModels } from '../../../src/projections/prepare.ts';
import { checkpointRows } from '../../../src/projections/proof/checkpoint-rows.ts';
import { proofQueries } from '../../../src/projections/proof/queries.ts';
import { runProofLog } from '../../../src/projections/proof/run.ts';
import { proofTree } from '../../../src/projections/proof/tiles.ts';
import { runProjection } from '../../../src/projections/run.ts';
import { eventStoreUrl, freshDatabase, freshPrefix } from '../../adapters/servers.ts';
import { silent, until } from '../support.ts';

export type ProofWorld = Awaited<ReturnType<typeof proofWorld>>;

/** A real event store and a real database, the audit log and the tree of the log over them. */
export async function proofWorld({ readModels = ['audit_log', 'users', 'teams'] } = {}) {
  const prefix = freshPrefix();
  const { pool, drop } = await freshDatabase();
  await migrate(pool);
  const clock = () => new Date();
  const keyring = masterKeys({ current: Buffer.alloc(32, 7).toString('base64'), previous: [] });
  const vault = postgresVault({ pool, clock, masterKeys: keyring });
  const client = connectEventStore(eventStoreUrl());
  const codec = eventCodec({ subjectKeys: vault.subjectKeys });
  const eventStore = eventstoredbEventStore({ client, codec, prefix });
  const subscribe = eventstoredbSubscription({ client, codec, prefix });
  const subscribeRaw = eventstoredbRawEvents({ client, prefix });
  const auditKeys = auditSigningKeys({ serviceKeys: vault.serviceKeys, origin: 'log.example.org' });
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-proof-'));
  const files = checkpointFiles(folder);
  const stopping = new AbortController();
  const { signal } = stopping;
  await prepareReadModels(pool, projections, signal);
  const followed = projections.filter(({ name }) => readModels.includes(name));
  const following = followed.map((projection) =>
    runProjection({ projection, pool, subscribe, signal, logger: silent }),
  );
  const tree = proofTree(pool, cryptography.sha256);
  const personal = personalData({ subjectKeys: vault.subjectKeys });
  const readers = { pool, personalData: personal };
  let running: { stop: () => Promise<void> } | undefined;

  const follow = () => {
    const stop = new AbortController();
    const checkpointStream = `${prefix}audit_checkpoint`;
    const { sha256 } = cryptography;
    const run = runProofLog({ pool, subscribeRaw, sha256, checkpointStream, signal: stop.signal, logger: silent });
    running = {
      stop: async () => {
        stop.abort();
        await run;
      },
    };
  };
  follow();

  const size = async () => Number((await pool.query<{ size: string }>('select size from proof.log')).rows[0]?.size);
  const failure = (userId: string) => {
    const from = { ip: '203.0.113.7', userAgent: 'Firefox', place: null };
    const actor = { kind: 'user', userId } as const;
    const context = { actor, correlationId: newId(), causationId: newId(), client: from };
    const data = { userId, loginId: newId(), reason: 'wrong-password', at: new Date().toISOString() } as const;
    return { id: newId(), event: { type: 'LoginFailed', data } as const, context };
  };
  const register = async (userId = newId()) => {
    const event = failure(userId);
    const { position } = await eventStore.append(`user-${userId}`, [event], 'any');
    return { id: event.id, userId, position };
  };
  const registerMany = async (count: number) => {
    const userId = newId();
    const events = Array.from({ length: count }, () => failure(userId));
    const { position } = await eventStore.append(`user-${userId}`, events, 'any');
    return { ids: events.map(({ id }) => id), position };
  };
  const covered = async (position: bigint) => {
    const reached = async () => {
      const { rows } = await pool.query<{ n: number }>(
        `select (select count(*) from proof.log where position >= $1) + (select count(*) from engine.projection_checkpoint
           where name = 'audit_log' and active and position >= $1) as n`,
        [position],
      );
      return Number(rows[0]?.n) === 2;
    };
    await until(reached, 'the log is taken in');
  };

  return {
    prefix,
    pool,
    client,
    subscribe,
    decodeRaw: rawDecoder(codec, prefix),
    vault,
    eventStore,
    auditKeys,
    files,
    folder,
    tree,
    size,
    register,
    registerMany,
    covered,
    readers,
    personal,
    checking: { pool, subscribeRaw, cryptography, knowledge: eventKnowledge, prefix },
    proofs: proofQueries({ sql: pool, cryptography, auditKeys }),
    entries: (page: Parameters<typeof auditEvents>[2]) =>
      auditEvents(readers, {}, { ...page, order: 'oldest-first' }, 'all'),
    sign: signCheckpoint({
      eventStore,
      newId,
      clock,
      cryptography,
      auditKeys,
      checkpointFiles: files,
      proofTree: tree,
      newestCheckpoint: async () => (await checkpointRows(pool, undefined, 1))[0],
    }),
    follow,
    stopFollowing: async () => running?.stop(),
    stop: async () => {
      stopping.abort();
      await running?.stop();
      await Promise.all(following);
      await client.dispose();
      await pause(0);
      await drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The tables of the embedded event store, which only a test and an intruder touch. */
export function storeTables() {
  const url = new URL(process.env['TEST_POSTGRES_URL'] ?? '');
  url.pathname = '/mbauth_eventstore';
  return new pg.Pool({ connectionString: url.href, max: 2 });
}
