import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/adapters/uuid-ids.ts';
import { WrongExpectedRevision } from '../../../src/application/ports.ts';
import { auditLog } from '../../../src/projections/audit-log.ts';
import { checkDrift } from '../../../src/projections/drift.ts';
import { cutBack } from '../../../src/projections/proof/cut-back.ts';
import { checkNextPart } from '../../../src/projections/proof/check.ts';
import { rebuildProjections } from '../../../src/projections/rebuild.ts';
import { rowsOf, silent } from '../support.ts';
import { about, built, retentionWorld, systemContext } from './retention-world.ts';

let world: Awaited<ReturnType<typeof retentionWorld>>;
beforeAll(async () => {
  world = await retentionWorld();
});
afterAll(() => world.stop());

describe('the retention of technical events', () => {
  let sent: string;
  let underWay: string;

  it('is put on record, and told once to the streams that are over', async () => {
    sent = await world.mailSent();
    underWay = await world.mailUnderWay();
    const person = await world.register();
    await world.client.setStreamMetadata(world.prefix + sent, { owner: 'somebody' });
    await world.signed();
    await world.run({ email: 30, geo_check: null }, 29);
    expect((await world.metadataOf(sent)).metadata).toEqual({ owner: 'somebody' });
    await world.run({ email: 30, geo_check: null }, 31);
    const { metadata, metastreamRevision } = await world.metadataOf(sent);
    expect(metadata).toEqual({ owner: 'somebody', maxAge: 30 * 86_400 });
    await world.run({ email: 30, geo_check: null }, 31);
    await world.pool.query('update engine.retention set position = null');
    await world.run({ email: 30, geo_check: null }, 31);
    expect((await world.metadataOf(sent)).metastreamRevision).toBe(metastreamRevision);
    for (const other of [underWay, `user-${person.userId}`])
      expect((await world.metadataOf(other)).metadata).toBeUndefined();
    const { events } = await world.eventStore.readStream('retention-email');
    expect(events.map(({ event }) => event.data)).toEqual([expect.objectContaining({ category: 'email', days: 30 })]);
    expect((await world.eventStore.readStream('retention-geo_check')).events).toEqual([]);
  });

  it('waits for a signed checkpoint over the event that ended the stream', async () => {
    const later = await world.mailSent();
    await world.covered((await world.register()).position);
    await world.run({ email: 30, geo_check: null }, 31);
    expect((await world.metadataOf(later)).metadata).toBeUndefined();
    await world.signed();
    await world.run({ email: 30, geo_check: null }, 31);
    expect((await world.metadataOf(later)).metadata).toMatchObject({ maxAge: 30 * 86_400 });
  });

  it('hides from readers of a stream what has come of age', async () => {
    const age = (days: number) =>
      world.tables.query(`update event_store.event set created = created - $2 * interval '1 day' where stream = $1`, [
        world.prefix + sent,
        days,
      ]);
    await age(29);
    expect(await world.idsIn(sent)).toHaveLength(2);
    await age(2);
    expect(await world.idsIn(sent)).toEqual([]);
    // A job that came again would find no mail begun, and cannot begin one all the same.
    const again = {
      id: newId(),
      event: { type: 'EmailSendStarted', data: { ...about(newId()), attempt: 1 } },
    } as const;
    const begun = world.eventStore.append(sent, [{ ...again, context: systemContext() }], 'no-stream');
    await expect(begun).rejects.toBeInstanceOf(WrongExpectedRevision);
    await age(-31);
  });

  it('is no mismatch where the store let go of events, which are counted', async () => {
    expect(await world.found(world.checking(31))).toEqual({ mismatches: [], expired: 0 });
    await world.scavenge(sent);
    const detail = `EmailSendStarted at ${world.prefix}${sent}@0 is not in the store any more`;
    const gone = [['event-missing', detail]];
    expect(await world.found(world.checking(31))).toEqual({ mismatches: [], expired: 1 });
    expect(await checkNextPart(world.checking(31), new AbortController().signal)).toEqual([]);
    // Too young for any policy, or without one, it would have been somebody else.
    expect(await world.found(world.checking(29))).toEqual({ mismatches: gone, expired: 0 });
    expect(await world.found(world.unexcused)).toEqual({ mismatches: gone, expired: 0 });
  });

  it('does not change what read models are built anew to, and no drift is found', async () => {
    const signal = new AbortController().signal;
    const before = await Promise.all(built.map((projection) => rowsOf(world.pool, projection)));
    const options = { pool: world.pool, subscribe: world.whole(31), signal };
    const reports = await rebuildProjections({ ...options, projections: built, logger: silent });
    expect(reports.flatMap(({ tables: compared }) => compared.map(({ same }) => same))).toEqual([true, true]);
    expect(await Promise.all(built.map((projection) => rowsOf(world.pool, projection)))).toEqual(before);
    const drifts = await checkDrift({ ...options, projections: built, share: 1 });
    expect(drifts.flatMap(({ differences }) => differences)).toEqual([]);
    // From the store alone it would.
    const fromStore = { ...options, subscribe: world.subscribe, projections: [auditLog], share: 1 };
    expect((await checkDrift(fromStore)).flatMap(({ differences }) => differences)).toHaveLength(1);
  });

  it('leaves the whole export complete, and checked without the service', async () => {
    await world.signed();
    const text = await world.exported();
    expect(await world.verified(text)).toMatchObject({ complete: true });
    expect(text).toContain('"EmailSendStarted"');
    expect(text).toContain('The event store may let go of how mails left after 30 days from now on');
    // Nothing stands in for the bytes of an event: a line that has only its hash is no entry.
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.includes('"EmailSendStarted"'));
    lines[at] = JSON.stringify({ type: 'expired', index: at - 1 });
    await expect(world.verified(lines.join('\n'))).rejects.toThrow('its bytes are not those that were exported');
  });
});

describe('beside a policy', () => {
  const remove = (id: string) => world.tables.query('delete from event_store.event where id = $1', [id]);

  it('an audit fact that somebody deleted is found and named', async () => {
    const { id, userId } = await world.register();
    await world.covered((await world.register()).position);
    await remove(id);
    const detail = `LoginFailed at ${world.prefix}user-${userId}@0 is not in the store any more`;
    expect((await world.found(world.checking(1000))).mismatches).toEqual([['event-missing', detail]]);
    await remove((await world.register()).id);
  });

  it('an event of a category that never had one is found and named, however old', async () => {
    const loginId = newId();
    const at = new Date().toISOString();
    await world.append(`geo_check-${loginId}`, [
      { type: 'GeoCheckFailed', data: { loginId, userId: newId(), reason: 'provider-down', at } },
    ]);
    await world.covered((await world.register()).position);
    const [event] = await world.idsIn(`geo_check-${loginId}`);
    await remove(event?.id ?? '');
    const { mismatches } = await world.found(world.checking(1000));
    expect(mismatches).toContainEqual(['event-missing', expect.stringContaining(`geo_check-${loginId}@0`)]);
  });

  it('an event whose bytes are gone or changed as well is found, though a policy covers it', async () => {
    const stream = await world.mailSent();
    await world.covered((await world.register()).position);
    const [event] = await world.idsIn(stream);
    await world.scavenge(stream);
    const named = async () => (await world.found(world.checking(31))).mismatches.map(([mismatch]) => mismatch);
    const before = await named();
    await world.pool.query(
      `update proof.stored_event set bytes = bytes || '\\x00'::bytea
       where index = (select index from proof.leaf where event_id = $1)`,
      [event?.id],
    );
    expect((await named()).length).toBe(before.length + 1);
    await world.pool.query(
      `delete from proof.stored_event where index = (select index from proof.leaf where event_id = $1)`,
      [event?.id],
    );
    expect((await named()).length).toBe(before.length + 1);
  });
});

describe('a restore', () => {
  it('cuts the tree back to the end of the log, with what only the tree has', async () => {
    const former = world;
    world = await retentionWorld();
    try {
      const stream = await world.mailSent();
      await world.signed();
      await world.run({ email: 30, geo_check: 30 }, 31);
      await world.scavenge(stream);
      await world.signed();
      const size = await world.size();
      const checkpoint = (await world.proofs.latest())?.size;
      const { rows } = await world.pool.query<{ position: string }>('select max(position) as position from proof.leaf');
      const head = BigInt(rows[0]?.position ?? 0);
      // Enough to complete a node above what is left.
      await world.registerMany(300);
      await world.signed();
      await world.stopFollowing();
      expect(await cutTo(head)).toEqual({ size: String(size), leaves: size, nodes: 0, checkpoint });
      world.follow();
      await world.signed();
      expect(await world.found(world.checking(31))).toEqual({ mismatches: [], expired: 1 });
      expect(await world.verified(await world.exported())).toMatchObject({ complete: true });
    } finally {
      await world.stop();
      world = former;
    }
  });

  async function cutTo(head: bigint): Promise<unknown> {
    const sql = await world.pool.connect();
    expect(await cutBack(sql, head)).toBe(true);
    expect(await cutBack(sql, head)).toBe(false);
    sql.release();
    const { rows } = await world.pool.query(
      `select size, (select count(*)::int from proof.leaf) as leaves, (select count(*)::int from proof.node) as nodes,
         (select max(c.size)::int from proof.checkpoint c) as checkpoint from proof.log`,
    );
    return rows[0] as unknown;
  }
});

describe('a policy that is lifted', () => {
  it('lets the streams that were told the former one keep their events again', async () => {
    await world.run({ email: null, geo_check: null }, 31);
    const { rows } = await world.tables.query<{ n: number }>(
      `select count(*)::int as n from event_store.event e where stream like $1
       and rev = (select max(rev) from event_store.event where stream = e.stream)
       and convert_from(data, 'UTF8') like '%maxAge%'`,
      [`$$${world.prefix}%`],
    );
    expect(rows[0]?.n).toBe(0);
    const { events } = await world.eventStore.readStream('retention-email');
    expect(events.map(({ event }) => (event.data as { days: number | null }).days)).toEqual([30, null]);
  });
});
