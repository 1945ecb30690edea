import { expect } from 'vitest';
import { eventKnowledge } from '../../../src/adapters/event-knowledge.ts';
import { eventstoredbStreamAges } from '../../../src/adapters/eventstoredb-stream-ages.ts';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { newId } from '../../../src/adapters/uuid-ids.ts';
import { keepRetention } from '../../../src/application/maintenance/keep-retention.ts';
import type { RetentionSettings } from '../../../src/application/retention.ts';
import { expiryOf, wholeLog } from '../../../src/composition/retention.ts';
import type { Service } from '../../../src/compose.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import { exportVerifier, type VerifiedExport } from '../../../src/domain/audit-proof/verify-export.ts';
import { auditLog } from '../../../src/projections/audit-log.ts';
import { emailDeliveries } from '../../../src/projections/email-deliveries.ts';
import { checkWholeLog, type ProofChecking } from '../../../src/projections/proof/check.ts';
import { retentionTables } from '../../../src/projections/retention.ts';
import { proofWorld, storeTables } from './world.ts';

const dayMs = 86_400_000;
export const built = [auditLog, emailDeliveries];

/** Events are of today; it is the rest of the world that is so many days ahead. */
const inDays = (days: number) => () => new Date(Date.now() + days * dayMs);
export const systemContext = () =>
  ({ actor: { kind: 'system' }, correlationId: newId(), causationId: newId() }) as const;

export const about = (messageId: string) => {
  const at = new Date().toISOString();
  return { messageId, userId: newId(), template: 'verification', at } as const;
};

/** Mails, policies, and a store that lets go of events, over a real store and a real database. */
export async function retentionWorld() {
  const world = await proofWorld({ readModels: built.map(({ name }) => name) });
  const tables = storeTables();

  async function append(stream: string, events: readonly DomainEvent[]) {
    const recorded = events.map((event) => ({ id: newId(), event, context: systemContext() }));
    return world.eventStore.append(stream, recorded, 'any');
  }

  async function mailSent(): Promise<string> {
    const messageId = newId();
    await append(`email-${messageId}`, [
      { type: 'EmailSendStarted', data: { ...about(messageId), attempt: 1 } },
      { type: 'EmailSent', data: { ...about(messageId), providerMessageId: newId() } },
    ]);
    return `email-${messageId}`;
  }

  async function mailUnderWay(): Promise<string> {
    const messageId = newId();
    await append(`email-${messageId}`, [{ type: 'EmailSendStarted', data: { ...about(messageId), attempt: 1 } }]);
    return `email-${messageId}`;
  }

  /** Everything so far is in the tree and in the read models, and a checkpoint covers it. */
  async function signed() {
    const { position } = await world.register();
    await world.covered(position);
    await world.sign(await world.size());
    await world.covered((await world.register()).position);
  }

  const retaining = (days: number) => ({
    eventStore: world.eventStore,
    config: { STREAM_PREFIX: world.prefix } as Service['config'],
    clock: inDays(days),
  });
  const whole = (days: number) => {
    const { pool, subscribe, decodeRaw } = world;
    return wholeLog({ ...retaining(days), pool, subscribe, decodeRaw });
  };
  const checking = (days: number): ProofChecking => ({ ...world.checking, expiry: expiryOf(retaining(days)) });

  async function run(settings: RetentionSettings, days: number): Promise<void> {
    const never = () => Promise.resolve(undefined);
    await keepRetention({
      eventStore: world.eventStore,
      snapshots: { load: never, save: never },
      newId,
      backOff: never,
      clock: inDays(days),
      retentionTables: retentionTables(world.pool),
      retentionSettings: settings,
      streamAges: eventstoredbStreamAges({ client: world.client, prefix: world.prefix }),
    })({}, systemContext());
  }

  const metadataOf = async (stream: string) => world.client.getStreamMetadata(world.prefix + stream);

  /** What a scavenge does at a real store: all but the last event of a stream whose time is over. */
  async function scavenge(stream: string): Promise<void> {
    const { rowCount } = await tables.query(
      `delete from event_store.event e where stream = $1
       and rev < (select max(rev) from event_store.event where stream = $1)`,
      [world.prefix + stream],
    );
    expect(rowCount).toBeGreaterThan(0);
  }

  async function found(of: ProofChecking): Promise<{ mismatches: [string, string][]; expired: number }> {
    const mismatches: [string, string][] = [];
    let expired = 0;
    const keys = await world.auditKeys.keys();
    const signal = new AbortController().signal;
    for await (const { mismatch, detail } of checkWholeLog(of, keys, signal, () => (expired += 1))) {
      mismatches.push([mismatch, detail]);
    }
    return { mismatches, expired };
  }

  const idsIn = async (stream: string) =>
    (await world.eventStore.readStream(stream)).events.map(({ id, revision }) => ({ id, revision }));

  async function exported(): Promise<string> {
    const request = { format: 'ndjson', filters: {}, complete: true, previousSize: undefined, entries: world.entries };
    let text = '';
    for await (const chunk of (await world.proofs.export(request as never)) ?? []) text += chunk;
    return text;
  }

  async function verified(text: string): Promise<VerifiedExport> {
    const verifier = exportVerifier({ cryptography, keys: await world.auditKeys.keys(), knowledge: eventKnowledge });
    for (const line of text.split('\n').filter((one) => one !== '')) verifier.line(Buffer.from(line));
    return verifier.end();
  }

  return {
    ...world,
    /** Knows of no policy. */
    unexcused: world.checking,
    tables,
    append,
    mailSent,
    mailUnderWay,
    signed,
    whole,
    checking,
    run,
    metadataOf,
    scavenge,
    found,
    idsIn,
    exported,
    verified,
    stop: async () => {
      await tables.end();
      await world.stop();
    },
  };
}
