import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { InvalidPayload } from '../../src/workers/job.ts';
import { describeFailure } from '../../src/workers/job-failure.ts';
import { delayBeforeRetry, isOverdue, maxAttempts } from '../../src/workers/retry-policy.ts';

const longest = (attempt: number) => delayBeforeRetry(attempt, { retryAfterMs: 0, random: () => 1 });
const shortest = (attempt: number) => delayBeforeRetry(attempt, { retryAfterMs: 0, random: () => 0 });

describe('retries', () => {
  it('begin after a second, double, and come every five minutes at last', () => {
    expect([1, 2, 3, 4, 9, 10, 500].map(longest)).toEqual([1000, 2000, 4000, 8000, 256_000, 300_000, 300_000]);
  });

  it('spread over half of the delay', () => {
    expect([1, 4, 500].map(shortest)).toEqual([500, 4000, 150_000]);
  });

  it('do not come before the dependency asked to be left alone', () => {
    expect(delayBeforeRetry(1, { retryAfterMs: 60_000, random: () => 0.5 })).toBe(60_000);
    expect(delayBeforeRetry(9, { retryAfterMs: 1000, random: () => 1 })).toBe(256_000);
  });

  it('end after a day, which is fewer attempts than the queue allows', () => {
    expect(isOverdue(86_399_999)).toBe(false);
    expect(isOverdue(86_400_000)).toBe(true);
    let waited = 0;
    let attempts = 1;
    for (; !isOverdue(waited); attempts++) waited += shortest(attempts);
    expect(attempts).toBeLessThan(maxAttempts);
  });
});

describe('a failure', () => {
  it.each<[unknown, object]>([
    [new Unavailable('mail', { retryAfterSeconds: 4 }), { code: 'mail-unavailable', final: false, retryAfterMs: 4000 }],
    [new DomainError('login-expired'), { code: 'login-expired', final: true }],
    [new InvalidPayload('x'), { code: 'InvalidPayload', final: true }],
    [new TypeError('ada@example.com is not a function'), { code: 'TypeError', final: false }],
    [Object.assign(new Error('x'), { name: 'ada@example.com' }), { code: 'unknown' }],
    ['ada@example.com', { code: 'unknown', final: false, frames: [] }],
  ])('is known by a code of our own (%#)', (error, description) => {
    expect(describeFailure(error)).toMatchObject(description);
  });

  it('never carries what a library said', () => {
    const error = new Error('no such user\n    at ada@example.com', { cause: new Error('ada@example.com') });
    error.stack = `Error: no such user ada@example.com\n    at send (file.ts:1:2)`;
    expect(JSON.stringify(describeFailure(error))).not.toContain('ada@');
    expect(describeFailure(error).frames).toEqual(['at send (file.ts:1:2)']);
  });
});
