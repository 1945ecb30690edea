import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import type { TokenPurpose } from '../../src/application/ports.ts';

const keys = {
  derivation: [{ number: 1, secret: randomBytes(32) }],
  emailHash: randomBytes(32),
  deviceId: randomBytes(32),
};
const tokens = hmacTokens({ keys });
const counts: Record<TokenPurpose, number> = {
  verification: 2,
  invitation: 2,
  login: 2,
  'login-decision': 2,
  refresh: 2,
  csrf: 1,
  reset: 2,
  'password-change': 2,
};
const purposes = Object.keys(counts) as TokenPurpose[];

const purpose = fc.constantFrom(...purposes);
const generation = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const issued = purpose.chain((of) =>
  fc.record({
    purpose: fc.constant(of),
    ids: fc.array(fc.uuid(), { minLength: counts[of], maxLength: counts[of] }),
    generation,
  }),
);

describe('a token', () => {
  it('reads as what it was issued for, by every process that has the keys', () => {
    fc.assert(
      fc.property(issued, ({ purpose: of, ids, generation: number }) => {
        const token = tokens.issue(of, ids, number);
        expect(hmacTokens({ keys }).read(of, token)).toEqual({ ids, generation: number });
        expect(tokens.issue(of, ids, number)).toBe(token);
        expect(token).toMatch(/^[\w-]+$/);
      }),
    );
    const ids = ['0192a000-0000-7000-8000-000000000001'];
    expect(tokens.read('csrf', tokens.issue('csrf', ids))).toEqual({ ids, generation: 0 });
  });

  it('reads as nothing for another purpose', () => {
    fc.assert(
      fc.property(issued, purpose, ({ purpose: of, ids, generation: number }, other) => {
        fc.pre(other !== of);
        expect(tokens.read(other, tokens.issue(of, ids, number))).toBeUndefined();
      }),
    );
  });

  it('reads as nothing when any one bit is another', () => {
    for (const of of purposes) {
      const ids = Array.from({ length: counts[of] }, () => '0192a000-0000-7000-8000-000000000001');
      const bytes = Buffer.from(tokens.issue(of, ids, 3), 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const altered = Buffer.from(bytes);
        altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(tokens.read(of, altered.toString('base64url'))).toBeUndefined();
      }
    }
  });

  it('has one spelling', () => {
    const token = tokens.issue('csrf', ['0192a000-0000-7000-8000-000000000001']);
    const last = token.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const otherPadding = Array.from(alphabet)
      .filter((letter) => letter !== last)
      .map((letter) => token.slice(0, -1) + letter);
    const spellings = [`${token}=`, ` ${token}`, `${token}\n`, `${token}A`, token.slice(0, -1), ...otherPadding];
    for (const spelling of spellings) expect(tokens.read('csrf', spelling)).toBeUndefined();
  });

  it('reads as nothing for any text, and for the keys of another installation', () => {
    fc.assert(
      fc.property(purpose, fc.oneof(fc.string(), fc.base64String()), (of, text) => {
        expect(tokens.read(of, text)).toBeUndefined();
      }),
    );
    const others = hmacTokens({ keys: { ...keys, derivation: [{ number: 1, secret: randomBytes(32) }] } });
    expect(tokens.read('csrf', others.issue('csrf', ['0192a000-0000-7000-8000-000000000001']))).toBeUndefined();
  });

  it('outlives a rotation of the key, until that key is retired', () => {
    const second = { number: 2, secret: randomBytes(32) };
    const ids = ['0192a000-0000-7000-8000-000000000001'];
    const old = tokens.issue('csrf', ids);
    const rotated = hmacTokens({ keys: { ...keys, derivation: [...keys.derivation, second] } });
    expect(rotated.issue('csrf', ids)).not.toBe(old);
    expect(rotated.read('csrf', old)).toEqual({ ids, generation: 0 });
    expect(rotated.deviceCodeMatches('code-1', tokens.deviceCode('code-1'))).toBe(true);
    const retired = hmacTokens({ keys: { ...keys, derivation: [second] } });
    expect(retired.read('csrf', old)).toBeUndefined();
    expect(retired.read('csrf', rotated.issue('csrf', ids))).toEqual({ ids, generation: 0 });
  });

  it('is not issued for the wrong ids', () => {
    expect(() => tokens.issue('refresh', ['0192a000-0000-7000-8000-000000000001'])).toThrow('2 ids');
    expect(() => tokens.issue('csrf', ['no-uuid'])).toThrow();
  });
});

describe('a device code', () => {
  it('is six digits, the same for the same id, and matches only that id', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (id, other) => {
        const code = tokens.deviceCode(id);
        expect(code).toMatch(/^\d{6}$/);
        expect(tokens.deviceCode(id)).toBe(code);
        expect(tokens.deviceCodeMatches(id, code)).toBe(true);
        expect(tokens.deviceCodeMatches(other, code)).toBe(tokens.deviceCode(other) === code);
      }),
    );
  });

  it('does not match in another spelling', () => {
    const code = tokens.deviceCode('code-1');
    for (const spelling of ['', code.slice(1), `${code}0`, ` ${code}`, `${code.slice(0, 5)}é`, '１２３４５６']) {
      expect(tokens.deviceCodeMatches('code-1', spelling)).toBe(false);
    }
  });

  it('is spread evenly', () => {
    const buckets = Array<number>(10).fill(0);
    for (let index = 0; index < 20_000; index += 1) {
      const first = Number(tokens.deviceCode(`code-${index}`)[0]);
      buckets[first] = (buckets[first] ?? 0) + 1;
    }
    // Ten standard deviations of a fair draw.
    for (const bucket of buckets) expect(Math.abs(bucket - 2000)).toBeLessThan(430);
  });
});

describe('derived ids', () => {
  const uuidV8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('are the same for the same cause, and for nothing else', () => {
    expect(tokens.derivedId('event-1', 'mail')).toMatch(uuidV8);
    expect(tokens.derivedId('event-1', 'mail')).toBe(tokens.derivedId('event-1', 'mail'));
    expect(tokens.derivedId('event-1', 'mail')).not.toBe(tokens.derivedId('event-1m', 'ail'));
    expect(tokens.derivedId('a', 'b')).not.toBe(tokens.deviceId('a', 'b'));
  });

  it('of a device differ from user to user', () => {
    const token = tokens.newDeviceToken();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(tokens.newDeviceToken()).not.toBe(token);
    expect(tokens.deviceId(token, 'user-1')).toMatch(uuidV8);
    expect(tokens.deviceId(token, 'user-1')).toBe(tokens.deviceId(token, 'user-1'));
    expect(tokens.deviceId(token, 'user-1')).not.toBe(tokens.deviceId(token, 'user-2'));
  });

  it('of an address are one for all its spellings', () => {
    const hash = tokens.emailHash('jürgen@example.org');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(tokens.emailHash(' Ju\u0308rgen@Example.ORG ')).toBe(hash);
    expect(tokens.emailHash('jurgen@example.org')).not.toBe(hash);
  });
});
