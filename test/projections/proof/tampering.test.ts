import { jsonEvent } from '@eventstore/db-client';
import type { Logger } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEventStore } from '../../../src/adapters/eventstoredb-client.ts';
import { newId } from '../../../src/adapters/uuid-ids.ts';
import type { Service } from '../../../src/compose.ts';
import { auditChecking } from '../../../src/composition/compose-audit.ts';
import { auditIsWrong, keepSigningOutcome } from '../../../src/projections/proof/alarm.ts';
import { checkWholeLog } from '../../../src/projections/proof/check.ts';
import type { Mismatch } from '../../../src/projections/proof/compare.ts';
import { eventStoreUrl } from '../../adapters/servers.ts';
import { proofWorld, storeTables, type ProofWorld } from './world.ts';

type Known = Awaited<ReturnType<ProofWorld['register']>>;

interface Tampering {
  readonly what: string;
  readonly mismatch: Mismatch['mismatch'];
  readonly detail: RegExp;
  /** Answers with the id of the event that is to be named. */
  readonly does: (event: Known) => Promise<string>;
}

let world: ProofWorld;
const tables = storeTables();
const client = connectEventStore(eventStoreUrl());
beforeAll(async () => {
  world = await proofWorld();
});
afterAll(async () => {
  await client.dispose();
  await tables.end();
  await world.stop();
});

const inStore = async (text: string, event: Known, ...values: unknown[]) => {
  const { rowCount } = await tables.query(text, [event.id, ...values]);
  expect(rowCount).toBe(1);
  return event.id;
};
const inReadModel = async (text: string, event: Known) => {
  expect((await world.pool.query(text, [event.id])).rowCount).toBe(1);
  return event.id;
};

/** A place of the log that the tree has passed: where somebody else's installation has an event of its own. */
async function insertEvent({ id, userId }: Known): Promise<string> {
  const foreign = jsonEvent({ type: 'Foreign', data: {} });
  const { position } = await client.appendToStream(`foreign-${newId()}`, [foreign]);
  await world.covered((await world.register()).position);
  const inserted = newId();
  await tables.query('delete from event_store.event where id = $1', [foreign.id]);
  const { rowCount } = await tables.query(
    `insert into event_store.event (pos, stream, rev, id, type, is_json, data, meta, created)
     select $2, $3, 1, $4, type, is_json, data, meta, created from event_store.event where id = $1`,
    [id, String(position?.commit), `${world.prefix}user-${userId}`, inserted],
  );
  expect(rowCount).toBe(1);
  return inserted;
}

const changed = (column: string, from: string, to: string) => (event: Known) =>
  inStore(
    `update event_store.event
     set ${column} = convert_to(replace(convert_from(${column}, 'UTF8'), $2, $3), 'UTF8') where id = $1`,
    event,
    from,
    to,
  );

const insertedRow = newId();
const tamperings: readonly Tampering[] = [
  {
    what: 'the data of an event changed',
    mismatch: 'event-changed',
    detail: /LoginFailed at \S+@0 .*\(changed: data\)/,
    does: changed('data', 'wrong-password', 'account-locked'),
  },
  {
    what: 'the metadata of an event changed',
    mismatch: 'event-changed',
    detail: /LoginFailed at \S+@0 .*\(changed: metadata\)/,
    does: changed('meta', '"kind":"user"', '"kind":"root"'),
  },
  {
    what: 'the type of an event changed',
    mismatch: 'event-changed',
    detail: /LoginFailed at \S+@0 .*\(changed: type\)/,
    does: (event) => inStore(`update event_store.event set type = 'LoginDenied' where id = $1`, event),
  },
  {
    what: 'an event deleted',
    mismatch: 'event-missing',
    detail: /LoginFailed at \S+@0 is not in the store any more/,
    does: (event) => inStore('delete from event_store.event where id = $1', event),
  },
  {
    what: 'an event inserted',
    mismatch: 'event-inserted',
    detail: /LoginFailed at \S+@1 stands in the store, but was not there/,
    does: insertEvent,
  },
  {
    what: 'a row of the audit log changed',
    mismatch: 'row-changed',
    detail: /type of LoginFailed at \S+@0 in the audit log was changed/,
    does: (event) => inReadModel(`update read_model.audit_log set type = 'LoginDenied' where event_id = $1`, event),
  },
  {
    what: 'a row of the audit log deleted',
    mismatch: 'row-missing',
    detail: /the row of LoginFailed at \S+@0 is gone/,
    does: (event) => inReadModel('delete from read_model.audit_log where event_id = $1', event),
  },
  {
    what: 'a row of the audit log inserted',
    mismatch: 'row-inserted',
    detail: /has no event/,
    does: async (event) => {
      await inReadModel(
        `insert into read_model.audit_log select (jsonb_populate_record(r, jsonb_build_object(
           'event_id', '${insertedRow}', 'position', r.position - 1))).* from read_model.audit_log r where event_id = $1`,
        event,
      );
      return insertedRow;
    },
  },
];

/** The check of the running service, and what it told. */
function runningCheck() {
  const lines: unknown[] = [];
  const counted: string[] = [];
  const logger = { error: (line: unknown) => lines.push(line) } as unknown as Logger;
  const service = {
    ...world.checking,
    config: { STREAM_PREFIX: world.prefix },
    eventStore: world.eventStore,
    clock: () => new Date(),
    tokens: { derivedId: (text: string) => uuidOf(text) },
    metrics: { auditMismatchFound: (mismatch: string) => counted.push(mismatch) },
  } as unknown as Service;
  return { check: auditChecking(service, logger).checkNextPart, lines, counted };
}

const known = new Map<string, string>();
const uuidOf = (text: string) => {
  const id = known.get(text) ?? newId();
  known.set(text, id);
  return id;
};

async function wholeCheck(): Promise<Mismatch[]> {
  const found: Mismatch[] = [];
  const keys = await world.auditKeys.keys();
  for await (const mismatch of checkWholeLog(world.checking, keys, new AbortController().signal)) found.push(mismatch);
  return found;
}

const recorded = async () => (await world.eventStore.readStream('audit_mismatch')).events.map(({ event }) => event);

describe('what the alert rests on', () => {
  const alarm = () => auditIsWrong(world.pool);
  const set = (event: Known, type: string) =>
    inReadModel(`update read_model.audit_log set type = '${type}' where event_id = $1`, event);

  it('is wrong from the first finding until a whole pass has found nothing', async () => {
    const target = await world.register();
    await world.covered((await world.register()).position);
    const { check } = runningCheck();
    await check();
    expect(await alarm()).toBe(false);
    await set(target, 'LoginDenied');
    await check();
    expect(await alarm()).toBe(true);
    await set(target, 'LoginFailed');
    await check();
    expect(await alarm()).toBe(false);
    // Found in an earlier part of the pass that ends now: what comes after it has to be whole.
    await world.pool.query('update proof.log set wrong_in_pass = true');
    await check();
    expect(await alarm()).toBe(true);
    await check();
    expect(await alarm()).toBe(false);
  });

  it('is wrong while signing is refused', async () => {
    await keepSigningOutcome(world.pool, true);
    await runningCheck().check();
    expect(await alarm()).toBe(true);
    await keepSigningOutcome(world.pool, false);
    expect(await alarm()).toBe(false);
  });
});

describe('what somebody does to the stores by SQL', () => {
  it.each(tamperings)('$what: it is named by the command, and by the running service, once', async (tampering) => {
    const { mismatch, detail, does } = tampering;
    const target = await world.register();
    await world.covered((await world.register()).position);
    expect((await wholeCheck()).filter(({ eventId }) => eventId === target.id)).toEqual([]);
    const eventId = await does(target);
    const expected = { mismatch, eventId, detail: expect.stringMatching(detail) as string };
    const found = (await wholeCheck()).filter((one) => one.eventId === eventId);
    expect(found).toEqual([expect.objectContaining(expected)]);

    const running = runningCheck();
    await running.check();
    expect(running.counted).toContain(mismatch);
    expect(running.lines).toEqual([expect.objectContaining(expected)]);
    const events = (await recorded()).filter(({ data }) => (data as { eventId?: string }).eventId === eventId);
    expect(events).toMatchObject([{ type: 'AuditMismatchFound', data: expected }]);

    const again = runningCheck();
    await again.check();
    expect(again.counted).toContain(mismatch);
    expect(again.lines).toEqual([]);
  });
});
