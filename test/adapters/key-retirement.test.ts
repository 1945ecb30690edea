import { randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { publishedAfterMs } from '../../src/adapters/jose-signing-keys.ts';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresVault, type Vault } from '../../src/adapters/postgres-vault.ts';
import { listKeys, rotateKey } from '../../src/cli/keys.ts';
import { retireKeys, rewrapKeys } from '../../src/cli/retire-keys.ts';
import { freshDatabase } from './servers.ts';

const day = 24 * 3_600_000;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let vault: Vault;
let now: Date;
const clock = () => now;
const first = randomBytes(32).toString('base64');
const opened = (keys: Parameters<typeof masterKeys>[0]) =>
  postgresVault({ pool: database.pool, masterKeys: masterKeys(keys), clock });

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = new Date('2026-01-02T03:04:05.000Z');
  await database.pool.query('truncate vault.service_keys, vault.credentials, vault.subject_keys');
  vault = opened({ current: first });
});

type Command = (given: { vault: Vault; clock: typeof clock; out: Writable }, names: readonly string[]) => Promise<void>;

/** What an operator reads. */
async function operator(command: Command, ...names: string[]): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  await command({ vault, clock, out }, names);
  return text;
}
const numbers = async (purpose: string) => (await vault.serviceKeys.all(purpose)).map(({ number }) => number);
const later = (milliseconds: number) => (now = new Date(now.getTime() + milliseconds));

describe('retiring keys', () => {
  it('takes nothing away that something may rest on', async () => {
    for (const purpose of ['jwt-signing', 'token-derivation', 'pepper']) await operator(rotateKey, purpose);
    later(publishedAfterMs - 1);
    const told = await operator(retireKeys);
    expect(told).toMatch(/jwt-signing +1 +needed until 2026-01-02T10:04:05.000Z/);
    expect(told).toMatch(/jwt-signing +2 +in use/);
    expect(told).toMatch(/token-derivation +1 +needed until 2026-01-10T03:09:05.000Z/);
    expect(await numbers('jwt-signing')).toEqual([1, 2]);
    expect(await numbers('token-derivation')).toEqual([1, 2]);
  });

  it('takes a signing key away when its last token has ended, and a key of links when the last link has', async () => {
    for (const purpose of ['jwt-signing', 'token-derivation']) await operator(rotateKey, purpose);
    later(publishedAfterMs);
    expect(await operator(retireKeys)).toMatch(/jwt-signing +1 +retired/);
    expect(await numbers('jwt-signing')).toEqual([2]);
    later(8 * day);
    expect(await operator(retireKeys)).toMatch(/token-derivation +1 +retired/);
    expect(await numbers('token-derivation')).toEqual([2]);
    expect(await operator(listKeys)).not.toMatch(/(jwt-signing|token-derivation) +1 /);
  });

  it('takes a pepper away when no password stands under it any more', async () => {
    const hash = { scheme: 'bcrypt-hmac-sha384-12', pepperVersion: 1, hash: 'one' };
    const credentialId = randomUUID();
    await vault.serviceKeys.all('pepper');
    await vault.credentials.save(credentialId, randomUUID(), hash);
    await operator(rotateKey, 'pepper');
    expect(await operator(retireKeys)).toMatch(/pepper +1 +needed until/);
    later(day);
    expect(await operator(retireKeys)).toMatch(/pepper +1 +needed by 1 passwords/);
    await vault.credentials.replace(credentialId, hash, { ...hash, pepperVersion: 2, hash: 'two' });
    expect(await operator(retireKeys)).toMatch(/pepper +1 +retired/);
    expect(await numbers('pepper')).toEqual([2]);
  });

  it('takes a stolen one away at once, but never the newest, nor what is no key', async () => {
    await operator(rotateKey, 'jwt-signing');
    await expect(operator(retireKeys, 'jwt-signing', '2')).rejects.toThrow('rotate jwt-signing');
    for (const names of [['jwt-signing', '7'], ['jwt-signing'], ['email-hash', '1']]) {
      await expect(operator(retireKeys, ...names)).rejects.toThrow('no such key');
    }
    expect(await operator(retireKeys, 'jwt-signing', '1')).toContain('refused within a minute');
    expect(await numbers('jwt-signing')).toEqual([2]);
  });
});

describe('a new master key', () => {
  it('wraps everything, and the former one may be forgotten then', async () => {
    const secret = (await vault.serviceKeys.all('pepper'))[0]?.secret;
    const person = await vault.subjectKeys.forSealing('user-1');
    const second = randomBytes(32).toString('base64');
    vault = opened({ current: second, previous: [first] });
    expect(await operator(rewrapKeys)).toContain('2 keys were wrapped anew');
    vault = opened({ current: second });
    await vault.verifyMasterKey();
    expect((await vault.serviceKeys.all('pepper'))[0]?.secret).toEqual(secret);
    expect(await vault.subjectKeys.forOpening('user-1')).toEqual(person);
    await expect(opened({ current: first }).verifyMasterKey()).rejects.toThrow();
  });
});
