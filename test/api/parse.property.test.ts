import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCookie, setCookie } from '../../src/api/cookies.ts';
import { input } from '../../src/api/input.ts';
import { html } from '../../src/api/pages/html.ts';
import { parse } from '../../src/api/parse.ts';
import { RequestProblem } from '../../src/api/problems.ts';
import { requestFacts } from '../../src/api/request-facts.ts';

const registration = z.strictObject({ email: input.email, password: input.password, name: input.personName });

describe('the parser', () => {
  it('takes any JSON whatever without breaking, and points at what is wrong with it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        try {
          parse(registration, value);
        } catch (error) {
          if (!(error instanceof RequestProblem)) throw error;
          expect(error.code).toBe('invalid-request');
          expect(error.errors.length).toBeGreaterThan(0);
          expect(error.errors.length).toBeLessThanOrEqual(20);
          for (const { pointer } of error.errors) expect(pointer).toMatch(/^(\/([^~/]|~[01])*)*$/);
        }
      }),
    );
  });

  it('never lets a field through that it does not know', () => {
    const good = { email: 'ada@example.com', password: 'a long enough one', name: 'Ada' };
    const unknown = fc.string().filter((name) => !Object.hasOwn(good, name));
    fc.assert(
      fc.property(unknown, fc.jsonValue(), (name, value) => {
        const body: unknown = JSON.parse(
          `${JSON.stringify(good).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`,
        );
        expect(() => parse(registration, body)).toThrow(RequestProblem);
      }),
    );
  });

  it('lets no control character, line separator or half character into a name', () => {
    const bad = fc.constantFrom(
      '\u0000',
      '\u0007',
      '\u0085',
      '\ud800',
      '\udfff',
      '\u2028',
      '\u2029',
      '\u202e',
      '\u2066',
      '\n',
      '\t',
    );
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 20 }),
        bad,
        fc.string({ minLength: 1, maxLength: 20 }),
        (before, character, after) => {
          const name = `a${before}${character}${after}z`;
          expect(input.personName.safeParse(name).success).toBe(false);
        },
      ),
    );
  });
});

describe('a cookie', () => {
  it('comes back as it was set, among any others', () => {
    const value = fc.stringMatching(/^[\w-]{1,60}$/);
    fc.assert(
      fc.property(value, fc.array(fc.stringMatching(/^[a-z]{1,8}=[\w-]{0,8}$/)), (token, others) => {
        const [pair = ''] = setCookie('__Host-device', token, { maxAgeSeconds: 1 }).split(';');
        expect(readCookie([...others, pair].join('; '), '__Host-device')).toBe(token);
      }),
    );
  });

  it('header of any kind is read without breaking', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const value = readCookie(header, '__Host-device');
        expect(value === undefined || header.includes('__Host-device')).toBe(true);
      }),
    );
  });
});

it('markup never lets a value out of its place', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(html`${value}`.markup).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});

it('a correlation id is kept only when it is plain', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (given) => {
      const { correlationId } = requestFacts({ 'x-correlation-id': given }, [], () => 'ours');
      expect(correlationId).toBe(/^[\w.:-]{1,64}$/.test(given) ? given : 'ours');
    }),
  );
});
