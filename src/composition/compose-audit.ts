import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { checkpointFiles } from '../adapters/checkpoint-files.ts';
import { eventKnowledge } from '../adapters/event-knowledge.ts';
import { cryptography } from '../adapters/node-cryptography.ts';
import { keepCheckpoints } from '../application/audit/keep-checkpoints.ts';
import { reportMismatches } from '../application/audit/report-mismatch.ts';
import { signCheckpoint, type SigningOutcome } from '../application/audit/sign-checkpoint.ts';
import { streams } from '../application/streams.ts';
import type { Service } from '../compose.ts';
import { keepSigningOutcome } from '../projections/proof/alarm.ts';
import { checkNextPart, type ProofChecking } from '../projections/proof/check.ts';
import { checkpointRows } from '../projections/proof/checkpoint-rows.ts';
import type { Mismatch } from '../projections/proof/compare.ts';
import { proofQueries } from '../projections/proof/queries.ts';
import { runProofLog } from '../projections/proof/run.ts';
import { proofTree } from '../projections/proof/tiles.ts';
import { expiryOf } from './retention.ts';

export const proofChecking = (service: Service): ProofChecking => ({
  pool: service.pool,
  subscribeRaw: service.subscribeRaw,
  expiry: expiryOf(service),
  cryptography,
  knowledge: eventKnowledge,
  prefix: service.config.STREAM_PREFIX,
});

export const proofsOf = ({ longReads, auditKeys }: Service) =>
  proofQueries({ sql: longReads, cryptography, auditKeys });

/** Keeps the tree of the log, and signs it, until the signal aborts. */
export function runAuditProof(service: Service, pool: Pool, signal: AbortSignal): Promise<void> {
  const { config, subscribeRaw } = service;
  const logger = service.logger.child({ process: 'projector' });
  if (config.AUDIT_CHECKPOINT_DIR === undefined) {
    logger.warn('AUDIT_CHECKPOINT_DIR is not set: no checkpoint is kept outside of the stores');
  }
  const newest = async () => (await checkpointRows(pool, undefined, 1))[0];
  const sign = signCheckpoint({
    ...service,
    cryptography,
    proofTree: proofTree(pool, cryptography.sha256),
    newestCheckpoint: newest,
    checkpointFiles:
      config.AUDIT_CHECKPOINT_DIR === undefined ? undefined : checkpointFiles(config.AUDIT_CHECKPOINT_DIR),
  });
  const alarm = mismatchAlarm(service, logger);
  const whileLive = keepCheckpoints({
    signCheckpoint: sign,
    clock: service.clock,
    settings: { events: config.AUDIT_CHECKPOINT_EVENTS, seconds: config.AUDIT_CHECKPOINT_SECONDS },
    newestCheckpoint: newest,
    pause: (milliseconds, until) => pause(milliseconds, undefined, { signal: until }),
    onOutcome: async (outcome: SigningOutcome) => {
      service.metrics.auditSigningRefused(outcome.kind === 'refused');
      await keepSigningOutcome(pool, outcome.kind === 'refused');
      if (outcome.kind === 'signed') return;
      const { mismatch, detail } = outcome;
      logger.error({ mismatch, detail }, 'no checkpoint is signed: the log contradicts an earlier one');
      await alarm([{ mismatch, detail, index: null, eventId: null }]);
    },
    onFailure: (err) => {
      logger.error({ err }, 'a checkpoint could not be signed');
    },
  });
  const checkpointStream = config.STREAM_PREFIX + streams.auditCheckpoint();
  return runProofLog({
    pool,
    subscribeRaw,
    sha256: cryptography.sha256,
    checkpointStream,
    signal,
    logger,
    whileLive,
  });
}

/** The running check of what is stored, a part at a time. */
export function auditChecking(service: Service, logger: Logger) {
  const stopping = new AbortController();
  const alarm = mismatchAlarm(service, logger);
  return {
    checkNextPart: async () => alarm(await checkNextPart(proofChecking(service), stopping.signal)),
    stop: () => {
      stopping.abort();
    },
  };
}

/** A log line, a metric and an event, for each thing once. */
function mismatchAlarm(service: Service, logger: Logger) {
  const report = reportMismatches(service);
  return async (found: readonly Mismatch[]): Promise<void> => {
    for (const { mismatch } of found) service.metrics.auditMismatchFound(mismatch);
    for (const mismatch of await report(found)) logger.error({ ...mismatch }, 'the audit log is not what was proven');
  };
}
