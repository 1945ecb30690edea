import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { user } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { failureIn } from '../../src/domain/user/record-login.ts';
import { at, moment } from './moments.ts';

const userId = 'ann';
const person = { userId, emailHash: 'a1b2', teamId: 'team-1', credentialId: 'credential-1', deviceId: 'laptop' };
const active: readonly UserEvent[] = [
  { type: 'RegistrationSubmitted', data: { ...person, email: null, name: null, teamName: null, at: at() } },
  {
    type: 'UserRegistered',
    data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ hours: 24 }), at: at() },
  },
  {
    type: 'EmailVerified',
    data: { userId, verificationId: 'link-1', teamId: 'team-1', trustedDeviceId: null, at: at() },
  },
];

interface Attempt {
  readonly from: string | null;
  readonly right: boolean;
}

/** Attempts one after the other, and what each left. */
function attempts(sequence: readonly Attempt[], minutes = 1): UserEvent[][] {
  let state = active.reduce(user.evolve, user.initialState);
  return sequence.map(({ from, right }, index) => {
    const about = { userId, loginId: `login-${index}`, passwordMatches: right, trustedDeviceId: from } as const;
    const events = user.decide({ type: 'RecordLogin', ...about, now: moment({ minutes }) }, state);
    state = events.reduce(user.evolve, state);
    return [...events];
  });
}

const times = (count: number, attempt: Attempt): Attempt[] => Array.from({ length: count }, () => attempt);
const typesOf = (events: readonly UserEvent[] | undefined) => events?.map(({ type }) => type);
const guess = { from: null, right: false };

describe('guessing from anywhere', () => {
  it('locks what is not trusted, and leaves the way in from a trusted device', () => {
    const left = attempts([...times(10, guess), { from: null, right: true }, { from: 'laptop', right: true }]);
    expect(typesOf(left[9])).toEqual(['LoginFailed', 'AccountLocked']);
    expect(left[10]).toMatchObject([{ type: 'LoginFailed', data: { reason: 'account-locked' } }]);
    expect(left[11]).toEqual([]);
  });

  it('is not forgiven by the owner, who logs in on a trusted device meanwhile', () => {
    const left = attempts([...times(9, guess), { from: 'laptop', right: true }, guess]);
    expect(typesOf(left[10])).toEqual(['LoginFailed', 'AccountLocked']);
  });
});

describe('guessing on a trusted device', () => {
  const onLaptop = { from: 'laptop', right: false };

  it('locks that device alone', () => {
    const left = attempts([
      ...times(10, onLaptop),
      { from: 'laptop', right: true },
      { from: 'phone', right: true },
      { from: null, right: true },
    ]);
    expect(typesOf(left[9])).toEqual(['DeviceLoginFailed', 'DeviceLoginLocked']);
    expect(left[10]).toMatchObject([{ type: 'DeviceLoginFailed', data: { reason: 'device-locked' } }]);
    expect(left.slice(11)).toEqual([[], []]);
  });

  it('is forgiven by a good login there', () => {
    const left = attempts([...times(9, onLaptop), { from: 'laptop', right: true }, onLaptop]);
    expect(typesOf(left[9])).toEqual(['DeviceLoginFailuresCleared']);
    expect(typesOf(left[10])).toEqual(['DeviceLoginFailed']);
  });
});

it('whatever others try, the right password on a device where nobody guessed is let in', () => {
  const from = fc.constantFrom(null, 'phone', 'tablet');
  fc.assert(
    fc.property(fc.array(fc.record({ from, right: fc.boolean() }), { maxLength: 80 }), (sequence) => {
      const last = attempts([...sequence, { from: 'laptop', right: true }]).at(-1) ?? [];
      expect(failureIn(last)).toBeUndefined();
    }),
  );
});
