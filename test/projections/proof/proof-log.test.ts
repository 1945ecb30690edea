import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { eventKnowledge } from '../../../src/adapters/event-knowledge.ts';
import { openCheckpoint } from '../../../src/domain/audit-proof/checkpoint.ts';
import { exportVerifier } from '../../../src/domain/audit-proof/verify-export.ts';
import { verifiesConsistency, verifiesInclusion } from '../../../src/domain/merkle-verification.ts';
import { checkWholeLog } from '../../../src/projections/proof/check.ts';
import type { Mismatch } from '../../../src/projections/proof/compare.ts';
import { until } from '../support.ts';
import { proofWorld, storeTables, type ProofWorld } from './world.ts';

type Registered = Awaited<ReturnType<ProofWorld['register']>>;

const bytes = (base64: string) => Buffer.from(base64, 'base64');

async function found(world: ProofWorld): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  const whole = checkWholeLog(world.checking, await world.auditKeys.keys(), new AbortController().signal);
  for await (const mismatch of whole) mismatches.push(mismatch);
  return mismatches;
}

async function signed(world: ProofWorld): Promise<number> {
  const outcome = await world.sign(await world.size());
  if (outcome.kind !== 'signed') throw new Error(outcome.detail);
  const isKnown = async () => (await world.proofs.latest())?.size === outcome.size;
  await until(isKnown, 'the checkpoint is in the tables');
  return outcome.size;
}

async function exported(world: ProofWorld): Promise<string> {
  const { entries } = world;
  const request = { format: 'ndjson', filters: {}, complete: true, previousSize: undefined, entries } as const;
  let text = '';
  for await (const chunk of (await world.proofs.export(request)) ?? []) text += chunk;
  return text;
}

async function verified(world: ProofWorld, text: string) {
  const verifier = exportVerifier({ cryptography, keys: await world.auditKeys.keys(), knowledge: eventKnowledge });
  for (const line of text.split('\n').slice(0, -1)) verifier.line(Buffer.from(line));
  return verifier.end();
}

describe('the tree of the log', () => {
  let world: ProofWorld;
  beforeAll(async () => {
    world = await proofWorld();
  });
  afterAll(() => world.stop());

  it('proves events, goes on after a restart, and is exported and verified', async () => {
    const { ids, position } = await world.registerMany(300);
    await world.covered(position);
    const first = await signed(world);
    expect(first).toBe(300);
    const proof = (await world.proofs.inclusion(ids[123] ?? '')) ?? expect.fail();
    const checkpoint = openCheckpoint(cryptography, proof.checkpoint, await world.auditKeys.keys()) ?? expect.fail();
    const given = {
      index: proof.index,
      size: checkpoint.size,
      leafHash: bytes(proof.leafHash),
      proof: proof.proof.map(bytes),
      root: checkpoint.root,
    };
    expect(verifiesInclusion(cryptography.sha256, given)).toBe(true);

    await world.stopFollowing();
    const last = await world.register();
    world.follow();
    await world.covered(last.position);
    const second = await signed(world);
    expect(second).toBe(302); // the first checkpoint is a leaf too
    const { from, to, ...more } = (await world.proofs.consistency(first, second)) ?? expect.fail();
    const consistent = {
      from,
      to,
      proof: more.proof.map(bytes),
      fromRoot: bytes(more.fromRoot),
      toRoot: bytes(more.toRoot),
    };
    expect(verifiesConsistency(cryptography.sha256, consistent)).toBe(true);
    expect(await readFile(join(world.folder, 'latest.checkpoint'), 'utf8')).toBe((await world.proofs.latest())?.note);
    expect(await verified(world, await exported(world))).toMatchObject({ complete: true, count: 302 });
    expect(await found(world)).toEqual([]);
  });

  it('holds after a person is erased, whose data is not in the export any more', async () => {
    const { userId, position } = await world.register();
    await world.covered(position);
    await signed(world);
    expect(await exported(world)).toContain('203.0.113.7');
    const people = (await world.entries({ limit: 1000 })).items.map(({ subject }) => subject);
    for (const person of new Set([userId, ...people])) if (person !== null) await world.personal.destroyKey(person);
    const after = await exported(world);
    expect(after).not.toContain('203.0.113.7');
    expect(await verified(world, after)).toMatchObject({ complete: true });
    expect(await found(world)).toEqual([]);
  });

  it('finds what was done to the audit log and to the tables of the proofs', async () => {
    const events = [];
    for (let n = 0; n < 8; n += 1) events.push(await world.register());
    await world.covered(events[7]?.position ?? 0n);
    const [a, b, c, d] = events.map(({ id }) => id);
    const sql = (text: string, values: unknown[]) => world.pool.query(text, values);
    await sql(`update read_model.audit_log set data = data || '{"reason": "account-locked"}' where event_id = $1`, [a]);
    await sql('delete from read_model.audit_log where event_id = $1', [b]);
    const copy = `insert into read_model.audit_log select (jsonb_populate_record(r, jsonb_build_object(
      'event_id', gen_random_uuid(), 'position', r.position - 1))).* from read_model.audit_log r where event_id = $1`;
    await sql(copy, [d]);
    await sql(
      `update proof.stored_event set bytes = bytes || '\\x00' where index = (select index from proof.leaf
      where event_id = $1)`,
      [c],
    );
    const mismatches = await found(world);
    expect(mismatches.map(({ mismatch }) => mismatch).sort()).toEqual([
      'proof-changed',
      'row-changed',
      'row-inserted',
      'row-missing',
    ]);
    expect(mismatches.find(({ mismatch }) => mismatch === 'row-changed')).toMatchObject({ eventId: a });
    expect(mismatches.find(({ mismatch }) => mismatch === 'row-missing')).toMatchObject({ eventId: b });
    expect(mismatches.find(({ mismatch }) => mismatch === 'proof-changed')).toMatchObject({ eventId: c });
  });
});

describe('an event store that somebody has written in', () => {
  let world: ProofWorld;
  const tables = storeTables();
  beforeAll(async () => {
    world = await proofWorld();
  });
  afterAll(async () => {
    await tables.end();
    await world.stop();
  });

  it('is found out, and each event named', async () => {
    const events = [];
    for (let n = 0; n < 6; n += 1) events.push(await world.register());
    await world.covered(events[5]?.position ?? 0n);
    const [changed, deleted, moved, before] = events as [Registered, Registered, Registered, Registered];
    await tables.query(
      `update event_store.event set data = convert_to(replace(convert_from(data, 'UTF8'), 'wrong-password',
         'account-locked'), 'UTF8') where id = $1`,
      [changed.id],
    );
    await tables.query('delete from event_store.event where id = $1', [deleted.id]);
    // A free place of the log: where the deleted one stood, there stands now another.
    await tables.query(`update event_store.event set pos = $2 where id = $1`, [moved.id, String(deleted.position)]);
    const mismatches = await found(world);
    expect(mismatches.map(({ mismatch, eventId }) => [mismatch, eventId])).toEqual([
      ['event-changed', changed.id],
      ['event-changed', deleted.id],
      ['event-missing', moved.id],
    ]);
    expect(mismatches[0]?.detail).toContain(`${world.prefix}user-${changed.userId}@0`);
    expect(mismatches[0]?.detail).toContain('changed: data');

    await tables.query(`update event_store.event set stream = $2, pos = $3, rev = 99 where id = $1`, [
      before.id,
      `${world.prefix}user-x`,
      String(moved.position),
    ]);
    expect((await found(world)).map(({ mismatch }) => mismatch)).toContain('event-changed');
  });

  it('that was rolled back is not signed again', async () => {
    const { position } = await world.register();
    await world.covered(position);
    await signed(world);
    const note = (await world.files.latest()) ?? expect.fail();
    // The tables of the proofs are made anew from an older state of the store; the folder outside was not touched.
    await tables.query('delete from event_store.event where pos >= $1 and starts_with(stream, $2)', [
      String(position),
      world.prefix,
    ]);
    await world.stopFollowing();
    await world.pool.query('truncate proof.leaf, proof.stored_event, proof.node, proof.checkpoint, proof.cosignature');
    await world.pool.query('update proof.log set position = null, size = 0, cause_size = 0');
    world.follow();
    await until(async () => (await world.size()) > 0, 'the tree is made anew');
    const rolledBack = await world.sign(await world.size());
    expect(rolledBack).toMatchObject({ kind: 'refused', mismatch: 'log-rolled-back' });
    for (let n = 0; n < 4; n += 1) await world.covered((await world.register()).position);
    expect(await world.sign(await world.size())).toMatchObject({
      kind: 'refused',
      mismatch: 'checkpoint-inconsistent',
    });
    expect(await world.files.latest()).toBe(note);
  });
});
