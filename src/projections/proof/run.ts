import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { SubscribeRaw } from '../../application/ports.ts';
import type { Sha256 } from '../../domain/merkle.ts';
import { batches } from '../batch.ts';
import { CheckpointMoved } from '../checkpoint.ts';
import { acquireLock, projectionLock, type LockedConnection } from '../lock.ts';
import type { Logger } from '../projection.ts';
import { loadHead, takeIn } from './take-in.ts';

const batchSize = 500;
const firstBackOffMs = 100;
const longestBackOffMs = 5000;

/** What a signer may know: every event up to here is in the tree, and this process is the only one that writes it. */
export interface TakenIn {
  readonly size: number;
  readonly causeSize: number;
}

export interface ProofLogOptions {
  readonly pool: Pool;
  readonly subscribeRaw: SubscribeRaw;
  readonly sha256: Sha256;
  /** With the prefix of the installation. */
  readonly checkpointStream: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Runs while this process is the writer and after it has caught up, until the signal aborts. */
  readonly whileLive?: (head: () => TakenIn, signal: AbortSignal) => Promise<void>;
}

/** Keeps the Merkle tree of the log until the signal aborts, on one process at a time. Never rejects. */
export async function runProofLog(options: ProofLogOptions): Promise<void> {
  const { pool, signal, logger } = options;
  const aborted = () => signal.aborted;
  let backOffMs = firstBackOffMs;
  while (!aborted()) {
    try {
      const owned = await acquireLock(pool, projectionLock('audit_proof'), signal);
      try {
        await follow(options, owned, () => {
          backOffMs = firstBackOffMs;
        });
      } finally {
        owned.release();
      }
    } catch (error) {
      if (aborted()) return;
      if (error instanceof CheckpointMoved) continue;
      logger.error({ err: error, backOffMs }, 'the tree of the audit log failed and starts again');
      await pause(backOffMs, undefined, { signal }).catch(() => undefined);
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs);
    }
  }
}

async function follow(
  { subscribeRaw, sha256, checkpointStream, whileLive, logger }: ProofLogOptions,
  { sql, signal }: LockedConnection,
  progressed: () => void,
): Promise<void> {
  const taking = { sql, sha256, checkpointStream };
  const head = await loadHead(taking);
  const after = head.position ?? 'start';
  // What is said to others is what has been committed, never what is on its way.
  let taken: TakenIn = { size: head.range.size, causeSize: head.causeSize };
  const ended = new AbortController();
  let living: Promise<void> | undefined;
  const wants = () => true;
  try {
    for await (const batch of batches({ subscribe: subscribeRaw, after, signal, size: batchSize, wants })) {
      if (batch.position !== undefined) await takeIn(taking, head, batch.events, batch.position);
      taken = { size: head.range.size, causeSize: head.causeSize };
      progressed();
      if (!batch.caughtUp || !whileLive) continue;
      living ??= whileLive(() => taken, AbortSignal.any([signal, ended.signal])).catch((error: unknown) => {
        logger.error({ err: error }, 'the signer of checkpoints failed');
      });
    }
    signal.throwIfAborted();
  } finally {
    ended.abort();
    await living;
  }
}
