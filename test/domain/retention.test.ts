import { describe, expect, it } from 'vitest';
import { categoryOf, keeping, streams } from '../../src/application/streams.ts';
import { loadConfig } from '../../src/config.ts';
import { retention } from '../../src/domain/retention/decide.ts';
import { technicalCategories, type RetentionSet } from '../../src/domain/retention/events.ts';
import { mayHaveExpired } from '../../src/domain/expiry.ts';

const now = new Date('2026-06-01T00:00:00.000Z');
const policy = (days: number | null, at: string): RetentionSet['data'] => ({ category: 'email', days, at });
const set = (days: number | null) => ({ type: 'SetRetention', category: 'email', days, now }) as const;

describe('a kind of stream', () => {
  it('is either audit, or in the closed list of those that may expire', () => {
    const names = Object.keys(streams) as (keyof typeof streams)[];
    const technical = names
      .filter((name) => keeping[name] === 'technical')
      .map((name) => categoryOf((streams[name] as (id: string) => string)('id')));
    expect(technical.toSorted()).toEqual([...technicalCategories].toSorted());
    expect(Object.keys(keeping).toSorted()).toEqual(names.toSorted());
  });
});

describe('a policy of retention', () => {
  it('is put on record when it differs, and only then', () => {
    const [event, ...more] = retention.decide(set(90), retention.initialState);
    expect([event, more]).toEqual([
      { type: 'RetentionSet', data: { category: 'email', days: 90, at: now.toISOString() } },
      [],
    ]);
    const state = event ? retention.evolve(retention.initialState, event) : retention.initialState;
    expect(retention.decide(set(90), state)).toEqual([]);
    expect(retention.decide(set(null), state)).toHaveLength(1);
    expect(retention.decide(set(null), retention.initialState)).toEqual([]);
  });

  it('covers what has come of age, by an hour for clocks that differ, and nothing younger', () => {
    const policies = [policy(30, '2026-05-30T00:00:00.000Z')];
    expect(mayHaveExpired(policies, '2026-05-02T00:00:00.000Z', now)).toBe(true);
    expect(mayHaveExpired(policies, '2026-05-02T01:00:00.000Z', now)).toBe(true);
    expect(mayHaveExpired(policies, '2026-05-02T01:00:00.001Z', now)).toBe(false);
    expect(mayHaveExpired([], '2020-01-01T00:00:00.000Z', now)).toBe(false);
    expect(mayHaveExpired(policies, 'no time', now)).toBe(false);
  });

  it('covers, after another has followed it, what came of age before that was told to all streams', () => {
    const policies = [policy(30, '2026-01-01T00:00:00.000Z'), policy(null, '2026-03-01T00:00:00.000Z')];
    expect(mayHaveExpired(policies, '2026-01-20T00:00:00.000Z', now)).toBe(true);
    expect(mayHaveExpired(policies, '2026-02-06T00:00:00.000Z', now)).toBe(true);
    expect(mayHaveExpired(policies, '2026-02-07T00:00:00.000Z', now)).toBe(false);
    const longer = [policy(30, '2026-01-01T00:00:00.000Z'), policy(90, '2026-03-01T00:00:00.000Z')];
    expect(mayHaveExpired(longer, '2026-03-02T00:00:00.000Z', now)).toBe(true);
    expect(mayHaveExpired(longer, '2026-03-10T00:00:00.000Z', now)).toBe(false);
  });
});

describe('the settings of retention', () => {
  it('are whole days, not fewer than thirty, and for ever where they are left out', () => {
    const none = loadConfig({ RETENTION_EMAIL_DAYS: '' });
    expect([none.RETENTION_EMAIL_DAYS, none.RETENTION_GEO_CHECK_DAYS]).toEqual([undefined, undefined]);
    expect(loadConfig({ RETENTION_GEO_CHECK_DAYS: '30' }).RETENTION_GEO_CHECK_DAYS).toBe(30);
    const refused = (days: string) => () => loadConfig({ RETENTION_EMAIL_DAYS: days });
    expect(refused('29')).toThrow(
      'RETENTION_EMAIL_DAYS: must be at least 30 days; leave it out to keep events for ever',
    );
    expect(refused('0')).toThrow('must be at least 30 days');
    expect(refused('40.5')).toThrow('must be whole days');
    expect(refused('soon')).toThrow('must be a number of days');
  });
});
