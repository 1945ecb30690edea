import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { bcryptPasswords } from '../../src/adapters/bcrypt-passwords.ts';
import { Unavailable } from '../../src/application/ports.ts';

const cost = 4;
const peppers = [{ version: 1, key: randomBytes(32) }];
const passwords = bcryptPasswords({ cost, peppers });

describe('passwords', () => {
  it('match their hash and no other', async () => {
    const stored = await passwords.hash('correct horse battery');
    expect(stored).toMatchObject({ scheme: 'bcrypt-hmac-sha384-4', pepperVersion: 1 });
    expect(stored.hash).toMatch(/^\$2b\$04\$/);
    expect(await passwords.verify('correct horse battery', stored)).toBe(true);
    expect(await passwords.verify('correct horse batterz', stored)).toBe(false);
    expect((await passwords.hash('correct horse battery')).hash).not.toBe(stored.hash);
  });

  it('count in full: after 72 bytes, after a NUL, in upper and lower case', async () => {
    const long = 'x'.repeat(127);
    const stored = await passwords.hash(`${long}a`);
    expect(await passwords.verify(`${long}a`, stored)).toBe(true);
    expect(await passwords.verify(`${long}b`, stored)).toBe(false);
    const withNul = await passwords.hash('before\0after-after');
    expect(await passwords.verify('before\0other-other', withNul)).toBe(false);
    expect(await passwords.verify('BEFORE\0AFTER-AFTER', withNul)).toBe(false);
  });

  it('may be typed in any normal form', async () => {
    const stored = await passwords.hash('Stra\u00dfe caf\u00e9 12');
    expect(await passwords.verify('Stra\u00dfe cafe\u0301 12', stored)).toBe(true);
  });

  it('of nobody never match, after the same work', async () => {
    const slow = bcryptPasswords({ cost: 9, peppers });
    const stored = await slow.hash('correct horse battery');
    const timed = async (hash: typeof stored | undefined) => {
      const started = performance.now();
      expect(await slow.verify('wrong horse battery', hash)).toBe(false);
      return performance.now() - started;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      known.push(await timed(stored));
      unknown.push(await timed(undefined));
    }
    const median = (times: number[]) => times.sort((a, b) => a - b)[4] ?? 0;
    expect(median(unknown)).toBeGreaterThan(median(known) / 2);
    expect(median(unknown)).toBeLessThan(median(known) * 2);
  });

  it('outlive a new pepper, and need theirs', async () => {
    const stored = await passwords.hash('correct horse battery');
    const second = { version: 2, key: randomBytes(32) };
    const rotated = bcryptPasswords({ cost, peppers: [...peppers, second] });
    expect(await rotated.verify('correct horse battery', stored)).toBe(true);
    expect(await rotated.hash('correct horse battery')).toMatchObject({ pepperVersion: 2 });
    const without = bcryptPasswords({ cost, peppers: [second] });
    await expect(without.verify('correct horse battery', stored)).rejects.toThrow('no pepper of version 1');
    const other = bcryptPasswords({ cost, peppers: [{ version: 1, key: randomBytes(32) }] });
    expect(await other.verify('correct horse battery', stored)).toBe(false);
  });

  it('are current where scheme, cost and pepper are the newest', async () => {
    const stored = await passwords.hash('correct horse battery');
    const second = { version: 2, key: randomBytes(32) };
    expect(passwords.isCurrent(stored)).toBe(true);
    expect(bcryptPasswords({ cost: 5, peppers }).isCurrent(stored)).toBe(false);
    const rotated = bcryptPasswords({ cost, peppers: [...peppers, second] });
    expect(rotated.isCurrent(stored)).toBe(false);
    expect(rotated.isCurrent(await rotated.hash('correct horse battery'))).toBe(true);
  });

  it('under a pepper that another process has made are verified, and hashed under it from then on', async () => {
    const all = [...peppers, { version: 2, key: randomBytes(32) }];
    const elsewhere = await bcryptPasswords({ cost, peppers: all }).hash('correct horse battery');
    let loads = 0;
    const behind = bcryptPasswords({
      cost,
      peppers,
      reloadPeppers: () => {
        loads += 1;
        return Promise.resolve(all);
      },
    });
    expect(await behind.hash('correct horse battery')).toMatchObject({ pepperVersion: 1 });
    expect(loads).toBe(0);
    expect(await behind.verify('correct horse battery', elsewhere)).toBe(true);
    expect(await behind.verify('wrong horse battery', elsewhere)).toBe(false);
    expect(loads).toBe(1);
    expect(await behind.hash('correct horse battery')).toMatchObject({ pepperVersion: 2 });
  });

  it('take up a new pepper after a minute, and go on with the known ones while the vault is away', async () => {
    const all = [...peppers, { version: 2, key: randomBytes(32) }];
    let now = Date.parse('2026-03-01T12:00:00.000Z');
    const answers = [() => Promise.reject(new Error('away')), () => Promise.resolve(all)];
    const long = bcryptPasswords({
      cost,
      peppers,
      clock: () => new Date(now),
      reloadPeppers: () => answers.shift()?.() ?? Promise.resolve(all),
    });
    const stored = await long.hash('correct horse battery');
    now += 59_999;
    expect(await long.hash('correct horse battery')).toMatchObject({ pepperVersion: 1 });
    expect(answers).toHaveLength(2);
    now += 1;
    expect(await long.hash('correct horse battery')).toMatchObject({ pepperVersion: 1 });
    expect(answers).toHaveLength(1);
    await long.hash('correct horse battery');
    expect(await long.hash('correct horse battery')).toMatchObject({ pepperVersion: 2 });
    expect(long.isCurrent(stored)).toBe(false);
    expect(await long.verify('correct horse battery', stored)).toBe(true);
  });

  it('are refused work when too many wait, and served again after', async () => {
    const bounded = bcryptPasswords({ cost: 8, peppers, concurrency: 1, queue: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => bounded.hash('correct horse battery')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toHaveLength(3);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(Unavailable);
      expect(reason).toMatchObject({ what: 'password-hashing' });
    }
    await expect(bounded.hash('correct horse battery')).resolves.toBeDefined();
  });

  it('are refused work that would wait for too long, and served again after', async () => {
    const bounded = bcryptPasswords({ cost: 8, peppers, concurrency: 1, queue: 100, longestWaitMs: 1 });
    // How long a hash takes is learned from the first.
    await bounded.hash('correct horse battery');
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => bounded.hash('correct horse battery')));
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled'],
      ...['rejected', 'rejected', 'rejected', 'rejected'],
    ]);
    await expect(bounded.hash('correct horse battery')).resolves.toBeDefined();
  });

  it('that everybody uses are known, in upper and lower case', () => {
    expect(passwords.isCommon('password1234')).toBe(true);
    expect(passwords.isCommon('PassWord1234')).toBe(true);
    expect(passwords.isCommon('correct horse battery staple 9f')).toBe(false);
  });
});
