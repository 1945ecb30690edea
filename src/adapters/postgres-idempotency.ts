import { createHmac, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';

import type { Idempotency, StoredAnswer } from '../application/idempotency.ts';
import type { Clock } from '../application/ports.ts';
import { seal, unseal } from './aes-gcm.ts';
import { reachableDatabase, type Database } from './postgres-database.ts';
import type { ServiceKeys } from './postgres-service-keys.ts';

/**
 * After this long without an answer a run counts as crashed, and a repetition runs again. Well below the 30 s for which
 * a used refresh token is honoured: the repetition of a crashed refresh must not be taken for theft.
 */
const leaseMs = 20_000;
/** One statement stays within the time limit of the pool. */
const sweptAtOnce = 1000;
const keptMs = 24 * 60 * 60 * 1000;

const answerSchema = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

interface Row {
  fingerprint: Buffer;
  run: string;
  sealed_response: Buffer | null;
}

export async function loadIdempotencyKey({ serviceKeys }: { serviceKeys: ServiceKeys }): Promise<Buffer> {
  const [key] = await serviceKeys.all('idempotency');
  if (key === undefined) throw new Error('There is no key for idempotency.');
  return key.secret;
}

/** Answers hold tokens, so they are sealed; keys and fingerprints of requests are kept as keyed hashes only. */
export function postgresIdempotency({ pool, key, clock }: { pool: Pool; key: Buffer; clock: Clock }): Idempotency & {
  /** Removes what has expired; returns how many. */
  sweep(): Promise<number>;
} {
  const database = reachableDatabase(pool);

  return {
    async begin(request) {
      const keyHash = hashed(key, 'key', request.scope, request.key);
      const fingerprint = hashed(key, 'fingerprint', request.scope, request.fingerprint);
      const run = randomUUID();
      const row = await claim(database, { keyHash, fingerprint, run, now: clock() });
      if (!row.fingerprint.equals(fingerprint)) return { kind: 'mismatch' };
      if (row.sealed_response !== null) return { kind: 'replay', answer: opened(key, row.sealed_response, keyHash) };
      if (row.run !== run) return { kind: 'in-progress' };
      return {
        kind: 'run',
        finish: (answer) => finish(database, { keyHash, run, now: clock(), answer, key }),
        abandon: async () => {
          await database.query(
            'delete from vault.idempotency where key_hash = $1 and run = $2 and completed_at is null',
            [keyHash, run],
          );
        },
      };
    },

    async sweep() {
      for (let removed = 0; ;) {
        const { rowCount } = await database.query(
          `delete from vault.idempotency where key_hash in
             (select key_hash from vault.idempotency where expires_at < $1 limit $2)`,
          [clock(), sweptAtOnce],
        );
        removed += rowCount ?? 0;
        if ((rowCount ?? 0) < sweptAtOnce) return removed;
      }
    },
  };
}

interface Claim {
  keyHash: Buffer;
  fingerprint: Buffer;
  run: string;
  now: Date;
}

/** Takes the key when it is free, expired or left by a crashed run of the same request; returns what holds then. */
async function claim(database: Database, { keyHash, fingerprint, run, now }: Claim): Promise<Row> {
  const expiresAt = new Date(now.getTime() + keptMs);
  const crashedBefore = new Date(now.getTime() - leaseMs);
  const taken = await database.query<Row>(
    `insert into vault.idempotency as held (key_hash, fingerprint, run, started_at, expires_at)
     values ($1, $2, $3, $4, $5)
     on conflict (key_hash) do update
       set fingerprint = $2, run = $3, started_at = $4, expires_at = $5,
           status = null, sealed_response = null, completed_at = null
       where held.expires_at <= $4
          or (held.completed_at is null and held.started_at < $6 and held.fingerprint = $2)
     returning fingerprint, run, sealed_response`,
    [keyHash, fingerprint, run, now, expiresAt, crashedBefore],
  );
  if (taken.rows[0]) return taken.rows[0];
  const held = await database.query<Row>(
    'select fingerprint, run, sealed_response from vault.idempotency where key_hash = $1',
    [keyHash],
  );
  // Abandoned between the two statements: the other run has ended, but this one did not get the key.
  return held.rows[0] ?? { fingerprint, run: '', sealed_response: null };
}

async function finish(
  database: Database,
  { keyHash, run, now, answer, key }: { keyHash: Buffer; run: string; now: Date; answer: StoredAnswer; key: Buffer },
): Promise<void> {
  const { status, headers, body } = answer;
  const sealed = seal(key, Buffer.from(JSON.stringify({ status, headers, body })), keyHash.toString('hex'));
  await database.query(
    `update vault.idempotency set status = $3, sealed_response = $4, completed_at = $5
     where key_hash = $1 and run = $2 and completed_at is null`,
    [keyHash, run, status, sealed, now],
  );
}

function opened(key: Buffer, sealed: Buffer, keyHash: Buffer): StoredAnswer {
  return answerSchema.parse(JSON.parse(unseal(key, sealed, keyHash.toString('hex')).toString()));
}

function hashed(key: Buffer, ...parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest();
}
