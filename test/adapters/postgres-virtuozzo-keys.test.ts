import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { reachableDatabase } from '../../src/adapters/postgres-database.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { postgresVirtuozzoKeys } from '../../src/adapters/postgres-virtuozzo-keys.ts';
import { memoryVirtuozzoKeys } from '../application/virtuozzo-world.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
const start = new Date('2026-01-02T03:04:05.678Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const clock = () => start;

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(() => database.drop());

const vault = () => postgresVault({ pool: database.pool, masterKeys: masterKeys({ current: masterKey }), clock });
const masterKey = randomBytes(32).toString('base64');
const inPostgres = () =>
  postgresVirtuozzoKeys({ database: reachableDatabase(database.pool), serviceKeys: vault().serviceKeys, clock });

const secret = { sessionKey: 'the session key', token: 'the token', tokenId: '7' };
const newKey = () => ({ linkId: randomUUID(), teamId: randomUUID(), secret, obtainedAt: start });

describe.each([
  ['PostgreSQL', inPostgres],
  ['memory', () => memoryVirtuozzoKeys(clock)],
])('keys of the platform in %s', (_where, open) => {
  it('are kept as they were saved, until they are wiped', async () => {
    const keys = open();
    const key = newKey();
    await keys.save(key, after(60));
    expect(await keys.load(key.linkId)).toMatchObject(key);
    expect(await keys.wipe(key.linkId)).toMatchObject(key);
    expect(await keys.wipe(key.linkId)).toBeUndefined();
    expect(await keys.load(key.linkId)).toBeUndefined();
  });

  it('are claimed by one at a time, when they are due', async () => {
    const keys = open();
    const key = newKey();
    await keys.save(key, after(60));
    expect(await keys.claim(key.linkId, randomUUID(), after(59), after(100))).toBeUndefined();
    const holders = Array.from({ length: 5 }, () => randomUUID());
    const claims = await Promise.all(holders.map((holder) => keys.claim(key.linkId, holder, after(60), after(100))));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect((await keys.due(after(99), 100)).map(({ linkId }) => linkId)).not.toContain(key.linkId);
    expect((await keys.due(after(100), 100)).map(({ linkId }) => linkId)).toContain(key.linkId);
    expect(await keys.claim(key.linkId, randomUUID(), after(100), after(200))).toMatchObject(key);
  });

  it('are renewed by whoever holds the claim, and by nobody once they are wiped', async () => {
    const keys = open();
    const key = newKey();
    const holder = randomUUID();
    await keys.save(key, start);
    await keys.claim(key.linkId, holder, start, after(60));
    const renewed = { ...secret, sessionKey: 'another' };
    expect(await keys.renew(key.linkId, randomUUID(), renewed, after(1))).toBe(false);
    expect(await keys.renew(key.linkId, holder, renewed, after(1))).toBe(true);
    expect(await keys.load(key.linkId)).toMatchObject({ secret: renewed, obtainedAt: after(1) });
    await keys.release(key.linkId, holder, after(60));
    expect(await keys.renew(key.linkId, holder, secret, after(2))).toBe(false);
    await keys.claim(key.linkId, holder, after(60), after(120));
    await keys.wipe(key.linkId);
    expect(await keys.renew(key.linkId, holder, secret, after(61))).toBe(false);
    expect(await keys.load(key.linkId)).toBeUndefined();
  });
});

describe('keys of the platform at rest', () => {
  it('are sealed, bound to their team, and open after a rotation of the key that sealed them', async () => {
    const keys = inPostgres();
    const [one, two] = [newKey(), newKey()];
    await keys.save(one, start);
    await vault().serviceKeys.rotate('virtuozzo');
    await keys.save(two, start);
    expect(await keys.load(one.linkId)).toMatchObject(one);
    expect(await keys.load(two.linkId)).toMatchObject(two);
    const { rows } = await database.pool.query<{ sealed: Buffer }>('select sealed from vault.virtuozzo_keys');
    for (const { sealed } of rows) expect(sealed.toString('latin1')).not.toMatch(/the session key|the token/);
    await database.pool.query('update vault.virtuozzo_keys set team_id = $1 where link_id = $2', [
      two.teamId,
      one.linkId,
    ]);
    await expect(keys.load(one.linkId)).rejects.toThrow();
  });
});
