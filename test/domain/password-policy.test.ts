import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalisePassword, passwordProblems } from '../../src/domain/password-policy.ts';

const person = { name: 'Ann-Kathrin Lee', email: 'annkathrin.lee@example.com', teamName: 'Lee & Company Ltd' };
const problemsOf = (password: string, isCommon = false) => passwordProblems({ password, isCommon, ...person });

describe('the length of a password', () => {
  it('is 12 to 128 characters', () => {
    expect(problemsOf('x'.repeat(11))).toEqual(['too-short']);
    expect(problemsOf('x'.repeat(12))).toEqual([]);
    expect(problemsOf('x'.repeat(128))).toEqual([]);
    expect(problemsOf('x'.repeat(129))).toEqual(['too-long']);
    expect(problemsOf('')).toEqual(['too-short']);
  });

  it('counts code points of the normalised password', () => {
    expect(problemsOf('\u{1F600}'.repeat(11))).toEqual(['too-short']);
    expect(problemsOf('\u{1F600}'.repeat(128))).toEqual([]);
    expect(problemsOf('e\u0301'.repeat(11))).toEqual(['too-short']);
    expect(problemsOf('e\u0301'.repeat(128))).toEqual([]);
  });
});

describe('what a password may not be', () => {
  it('is a common one', () => {
    expect(problemsOf('correct horse battery', true)).toEqual(['common']);
  });

  it.each([
    ['ann-kathrin lee', 'is-name'],
    ['ANN-KATHRINLEE', 'is-name'],
    ['Ann-Kathrin Lee1987', 'is-name'],
    ['AnnKathrin.Lee@example.com', 'is-email'],
    ['annkathrin.lee@example.com42', 'is-email'],
    ['annkathrin.lee', 'is-email-local-part'],
    ['AnnKathrin.Lee2026', 'is-email-local-part'],
    ['lee & company ltd', 'is-team-name'],
    ['Lee&CompanyLtd1', 'is-team-name'],
  ])('is %s: %s', (password, problem) => {
    expect(problemsOf(password)).toEqual([problem]);
  });

  it('tells all that is wrong', () => {
    expect(passwordProblems({ ...person, name: 'Ann', password: 'ann1', isCommon: true })).toEqual([
      'too-short',
      'common',
      'is-name',
    ]);
  });

  it('is compared as a whole: a part of it may be anything', () => {
    expect(problemsOf('Ann-Kathrin Lee likes tea')).toEqual([]);
    expect(problemsOf('my name is Ann-Kathrin Lee')).toEqual([]);
    expect(problemsOf('2026Ann-Kathrin Lee')).toEqual([]);
  });

  it('takes no notice of what is not known', () => {
    const nobody = { name: '', email: null, teamName: null };
    expect(passwordProblems({ password: '123456789012', isCommon: false, ...nobody })).toEqual([]);
    expect(passwordProblems({ password: '123456789012', isCommon: false, ...nobody, email: '@' })).toEqual([]);
    expect(passwordProblems({ password: '123456789012', isCommon: false, ...nobody, email: 'nonsense' })).toEqual([]);
  });
});

it('judges a password the same however it was typed', () => {
  expect(normalisePassword('e\u0301')).toBe('\u00e9');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 140 }), (password) => {
      expect(normalisePassword(password.normalize('NFD'))).toBe(normalisePassword(password));
      expect(problemsOf(password.normalize('NFD'))).toEqual(problemsOf(password.normalize('NFC')));
    }),
  );
});
