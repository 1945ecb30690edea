import { createHmac, randomBytes } from 'node:crypto';
import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../src/adapters/client-network.ts';
import { eventCodec, type StoredEvent } from '../../src/adapters/event-codec.ts';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { postgresClientAddresses } from '../../src/adapters/postgres-client-addresses.ts';
import { reachableDatabase } from '../../src/adapters/postgres-database.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { samples } from '../golden/samples.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(() => database.drop());
beforeEach(async () => {
  // In the order in which a late write of the test before locks them.
  await database.pool.query('truncate vault.client_addresses, vault.subject_keys');
});

const current = randomBytes(32).toString('base64');
const installationKey = randomBytes(32);
/** A UUID of the bits of a keyed hash. */
const nameOf = (ip: string) =>
  createHmac('sha256', installationKey)
    .update(ip)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');

/** As another process would open it. */
function process() {
  const { subjectKeys } = postgresVault({
    pool: database.pool,
    masterKeys: masterKeys({ current }),
    clock: () => new Date(),
  });
  const addresses = postgresClientAddresses({ database: database.pool, subjectKeys, nameOf });
  const codec = eventCodec({ subjectKeys, rememberAddress: addresses.remember });
  const store = (userId: string, ip: string | null): Promise<StoredEvent> =>
    codec.encode({
      id: newId(),
      event: { type: 'SessionRefreshed', data: { ...samples.SessionRefreshed, userId } },
      context: {
        actor: { kind: 'user', userId },
        ...{ correlationId: 'c', causationId: 'c', client: { ip, userAgent: 'Firefox', place: null } },
      },
    });
  return { subjectKeys, addresses, store };
}

const remembered = async () =>
  (await database.pool.query<{ subject: string }>('select subject from vault.client_addresses order by subject')).rows;

/** It is written behind the append. */
async function untilRemembered(count: number): Promise<void> {
  for (let tries = 0; (await remembered()).length < count; tries += 1) {
    if (tries > 500) throw new Error('nobody was remembered');
    await pause(5);
  }
}

const hashIn = ({ metadata }: StoredEvent) => metadata['ipHash'];

describe('events by the address of their client', () => {
  it('bear the same hash for one person and address, and no hash in common otherwise', async () => {
    const { store } = process();
    const [first, again, elsewhere, other] = await Promise.all([
      store('ada', '203.0.113.7'),
      store('ada', '203.0.113.7'),
      store('ada', '203.0.113.8'),
      store('bob', '203.0.113.7'),
    ]);
    expect(hashIn(first)).toMatch(/^[\w-]{22}$/);
    expect(hashIn(again)).toBe(hashIn(first));
    expect(new Set([first, elsewhere, other].map(hashIn)).size).toBe(3);
    expect(hashIn(await store('ada', null))).toBeUndefined();
    expect(JSON.stringify(first)).not.toContain('203.0.113.7');
  });

  it('are found by it, whoever they are about and however it is written', async () => {
    const { store } = process();
    const [ada, bob] = await Promise.all([store('ada', '2001:DB8:0:0::7'), store('bob', '2001:db8::7')]);
    await store('cat', '2001:db8::8');
    await untilRemembered(3);
    const found = await process().addresses.hashesOf('2001:db8:0::0:7');
    expect([...found].sort()).toEqual([hashIn(ada), hashIn(bob)].sort());
    expect(await process().addresses.hashesOf('2001:db8::9')).toEqual([]);
    const rows = await database.pool.query<{ row: string }>('select c::text as row from vault.client_addresses c');
    expect(rows.rows.map(({ row }) => row).join()).not.toContain('db8');
  });

  it('are found no more once the person is erased, not even those that come later', async () => {
    const { store, subjectKeys, addresses } = process();
    await Promise.all([store('ada', '203.0.113.7'), store('bob', '203.0.113.7')]);
    await untilRemembered(2);
    await subjectKeys.destroy('ada');
    expect(await remembered()).toEqual([{ subject: 'bob' }]);
    expect(await addresses.hashesOf('203.0.113.7')).toHaveLength(1);
    expect(hashIn(await store('ada', '203.0.113.9'))).toBeUndefined();
    // A process that has not heard of it yet still seals, but nobody is remembered.
    addresses.remember('ada', '203.0.113.9');
    addresses.remember('bob', '203.0.113.9');
    await untilRemembered(2);
    expect((await remembered()).map(({ subject }) => subject)).toEqual(['bob', 'bob']);
  });

  it('are remembered with the next one when that failed at first', async () => {
    const { subjectKeys } = process();
    await subjectKeys.forSealing('ada');
    let down = true;
    const pool = reachableDatabase(database.pool);
    const query: typeof pool.query = (...given) => (down ? Promise.reject(new Error('down')) : pool.query(...given));
    const addresses = postgresClientAddresses({ database: { query }, subjectKeys, nameOf });
    addresses.remember('ada', '203.0.113.7');
    await immediate();
    down = false;
    addresses.remember('ada', '203.0.113.7');
    await untilRemembered(1);
  });
});

describe('the text of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('of %s is %s', (ip, text) => {
    expect(canonicalAddress(ip)).toBe(text);
  });
});
