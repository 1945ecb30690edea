import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { loadPeppers, rotatePepper } from '../../src/adapters/bcrypt-passwords.ts';
import { masterKeys, WrongMasterKey } from '../../src/adapters/master-keys.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let now = new Date('2026-01-02T03:04:05.678Z');
const current = randomBytes(32).toString('base64');

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = new Date('2026-01-02T03:04:05.678Z');
  await database.pool.query('truncate vault.subject_keys, vault.service_keys, vault.credentials');
});

/** As another process would open it. */
const vaultWith = (keys = masterKeys({ current })) =>
  postgresVault({ pool: database.pool, masterKeys: keys, clock: () => now });

describe('keys of subjects', () => {
  it('are made once, the same for every process', async () => {
    const subjects = Array.from({ length: 6 }, (_, process) => ({ process, subject: 'user-1' }));
    const keys = await Promise.all(subjects.map(({ subject }) => vaultWith().subjectKeys.forSealing(subject)));
    expect(keys[0]).toHaveLength(32);
    for (const key of keys) expect(key).toEqual(keys[0]);
    expect(await vaultWith().subjectKeys.forOpening('user-1')).toEqual(keys[0]);
    expect(await vaultWith().subjectKeys.forSealing('user-2')).not.toEqual(keys[0]);
  });

  it('are not made by opening', async () => {
    expect(await vaultWith().subjectKeys.forOpening('nobody')).toBeUndefined();
    expect((await database.pool.query('select 1 from vault.subject_keys')).rowCount).toBe(0);
  });

  it('stand in the database only wrapped', async () => {
    const key = await vaultWith().subjectKeys.forSealing('user-1');
    const { rows } = await database.pool.query<{ wrapped_key: Buffer }>('select wrapped_key from vault.subject_keys');
    expect(rows[0]?.wrapped_key.includes(key ?? '')).toBe(false);
  });

  it('are gone at once where they are destroyed, elsewhere within a minute, and never made again', async () => {
    const [here, elsewhere] = [vaultWith(), vaultWith()];
    const key = await here.subjectKeys.forSealing('user-1');
    expect(await elsewhere.subjectKeys.forOpening('user-1')).toEqual(key);
    await here.subjectKeys.destroy('user-1');
    expect(await here.subjectKeys.forOpening('user-1')).toBeUndefined();
    expect(await here.subjectKeys.forSealing('user-1')).toBeUndefined();
    now = new Date(now.getTime() + 60_000);
    expect(await elsewhere.subjectKeys.forOpening('user-1')).toBeUndefined();
    expect(await elsewhere.subjectKeys.forSealing('user-1')).toBeUndefined();
    await here.subjectKeys.destroy('user-1');
    await here.subjectKeys.destroy('never-had-one');
    expect(await vaultWith().subjectKeys.forSealing('never-had-one')).toBeUndefined();
  });

  it('of many subjects are loaded in one query', async () => {
    const { subjectKeys } = vaultWith();
    const subjects = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const made = await Promise.all(subjects.map((subject) => subjectKeys.forSealing(subject)));
    let queries = 0;
    const counting = new Proxy(database.pool, {
      get(target, property) {
        if (property === 'query') queries += 1;
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    const other = postgresVault({ pool: counting, masterKeys: masterKeys({ current }), clock: () => now });
    expect(await Promise.all(subjects.map((subject) => other.subjectKeys.forOpening(subject)))).toEqual(made);
    expect(queries).toBe(1);
  });
});

describe('keys of the service', () => {
  it('are made once, also by processes that start together', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => vaultWith().serviceKeys.all('pepper')));
    for (const keys of all) expect(keys).toEqual(all[0]);
    expect(all[0]).toMatchObject([{ number: 1, createdAt: now }]);
    expect(all[0]?.[0]?.secret).toHaveLength(32);
  });

  it('are rotated by a newer one and retired by number', async () => {
    const { serviceKeys } = vaultWith();
    const [first] = await serviceKeys.all('pepper');
    const second = await serviceKeys.rotate('pepper');
    expect(second.number).toBe(2);
    expect(await serviceKeys.all('pepper')).toEqual([first, second]);
    await serviceKeys.retire('pepper', 1);
    expect(await serviceKeys.all('pepper')).toEqual([second]);
    await serviceKeys.retire('pepper', 2);
    expect(await serviceKeys.all('pepper')).toMatchObject([{ number: 3 }]);
  });
});

describe('the master key', () => {
  it('of another vault is refused, and no key is made with it', async () => {
    await vaultWith().serviceKeys.all('pepper');
    const wrong = vaultWith(masterKeys({ current: randomBytes(32).toString('hex') }));
    await expect(wrong.verifyMasterKey()).rejects.toThrow(WrongMasterKey);
    await expect(wrong.verifyMasterKey()).rejects.toThrow('MASTER_KEY');
    await expect(wrong.subjectKeys.forSealing('user-1')).rejects.toThrow(WrongMasterKey);
    await expect(wrong.serviceKeys.all('other')).rejects.toThrow(WrongMasterKey);
    await expect(wrong.serviceKeys.all('pepper')).rejects.toThrow(WrongMasterKey);
    expect((await database.pool.query('select 1 from vault.subject_keys')).rowCount).toBe(0);
    await expect(vaultWith().verifyMasterKey()).resolves.toBeUndefined();
  });

  it('is noticed to be wrong by the keys of subjects alone', async () => {
    await vaultWith().subjectKeys.forSealing('user-1');
    const wrong = vaultWith(masterKeys({ current: randomBytes(32).toString('hex') }));
    await expect(wrong.verifyMasterKey()).rejects.toThrow(WrongMasterKey);
  });

  it('is changed by wrapping everything again, while the service runs', async () => {
    const old = vaultWith();
    const [pepper] = await old.serviceKeys.all('pepper');
    const subjects = Array.from({ length: 600 }, (_, index) => `user-${index}`);
    // Not all at once: only so many may wait for a connection.
    const keysOf = (some: readonly string[]) => Promise.all(some.map((subject) => old.subjectKeys.forSealing(subject)));
    const keys = [...(await keysOf(subjects.slice(0, 300))), ...(await keysOf(subjects.slice(300)))];
    await old.subjectKeys.destroy('user-7');

    const next = randomBytes(32).toString('base64url');
    const both = vaultWith(masterKeys({ current: next, previous: [current] }));
    await both.verifyMasterKey();
    expect(await both.subjectKeys.forOpening('user-0')).toEqual(keys[0]);
    expect(await both.rewrap()).toEqual({ rewrapped: 600 });
    expect(await both.rewrap()).toEqual({ rewrapped: 0 });

    const onlyNext = vaultWith(masterKeys({ current: next }));
    await onlyNext.verifyMasterKey();
    expect(await onlyNext.serviceKeys.all('pepper')).toEqual([pepper]);
    expect(await onlyNext.subjectKeys.forOpening('user-599')).toEqual(keys[599]);
    expect(await onlyNext.subjectKeys.forSealing('user-7')).toBeUndefined();
    await expect(vaultWith().verifyMasterKey()).rejects.toThrow(WrongMasterKey);
  });

  it('must be 32 bytes', () => {
    for (const bad of ['', 'secret', randomBytes(31).toString('base64'), randomBytes(33).toString('hex')]) {
      expect(() => masterKeys({ current: bad })).toThrow('32 bytes');
    }
    const key = randomBytes(32);
    expect(masterKeys({ current: key.toString('hex') }).currentId).toBe(
      masterKeys({ current: key.toString('base64') }).currentId,
    );
  });
});

it('a new pepper leaves the earlier ones, for every process, also where there was none', async () => {
  const [first] = await loadPeppers(vaultWith());
  expect(await rotatePepper(vaultWith())).toEqual({ version: 2 });
  const peppers = await loadPeppers(vaultWith());
  expect(peppers.map(({ version }) => version)).toEqual([1, 2]);
  expect(peppers[0]).toEqual(first);
  await database.pool.query('truncate vault.service_keys');
  expect(await rotatePepper(vaultWith())).toEqual({ version: 2 });
});

describe('credentials', () => {
  const hash = { scheme: 'bcrypt-hmac-sha384-12', pepperVersion: 1, hash: '$2b$12$abc' };

  it('are saved, loaded and removed with their user', async () => {
    const { credentials } = vaultWith();
    const [userId, credentialId] = [newId(), newId()];
    expect(await credentials.load(credentialId)).toBeUndefined();
    await credentials.save(credentialId, userId, hash);
    await credentials.save(credentialId, userId, { ...hash, pepperVersion: 2 });
    expect(await credentials.load(credentialId)).toEqual({ ...hash, pepperVersion: 2 });
    await credentials.save(credentialId, newId(), { ...hash, hash: 'of another user' });
    expect(await credentials.load(credentialId)).toEqual({ ...hash, pepperVersion: 2 });
    await credentials.remove(userId);
    expect(await credentials.load(credentialId)).toBeUndefined();
  });

  it('are replaced only where they are what was read, and never made by it', async () => {
    const { credentials } = vaultWith();
    const [userId, credentialId] = [newId(), newId()];
    const newer = { scheme: 'bcrypt-hmac-sha384-13', pepperVersion: 2, hash: '$2b$13$def' };
    expect(await credentials.replace(credentialId, hash, newer)).toBe(false);
    expect(await credentials.load(credentialId)).toBeUndefined();
    await credentials.save(credentialId, userId, hash);
    expect(await credentials.replace(credentialId, hash, newer)).toBe(true);
    expect(await credentials.replace(credentialId, hash, { ...newer, hash: 'too late' })).toBe(false);
    expect(await credentials.load(credentialId)).toEqual(newer);
  });

  it('are listed by age and id for the sweeper, which discards one by one', async () => {
    const { credentials } = vaultWith();
    const userId = newId();
    const ids = [newId(), newId(), newId()].sort();
    for (const id of ids) await credentials.save(id, userId, hash);
    const before = now;
    now = new Date(now.getTime() + 1);
    expect(await credentials.list(before, undefined, 10)).toEqual([]);
    const first = await credentials.list(now, undefined, 2);
    expect(first).toEqual(ids.slice(0, 2).map((credentialId) => ({ credentialId, userId })));
    await credentials.discard(ids[0] ?? '');
    expect(await credentials.list(now, ids[1], 2)).toEqual([{ credentialId: ids[2], userId }]);
    expect(await credentials.load(ids[0] ?? '')).toBeUndefined();
  });
});

it('a database that does not answer makes the vault unavailable', async () => {
  const pool = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  const vault = postgresVault({ pool, masterKeys: masterKeys({ current }), clock: () => now });
  const calls = [
    () => vault.verifyMasterKey(),
    () => vault.subjectKeys.forSealing('user-1'),
    () => vault.subjectKeys.destroy('user-1'),
    () => vault.serviceKeys.all('pepper'),
    () => vault.credentials.load(newId()),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(Unavailable);
  await expect(vaultWith().credentials.load('no-uuid')).rejects.toThrow('uuid');
  await pool.end();
});
