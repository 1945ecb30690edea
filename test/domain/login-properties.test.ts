import fc from 'fast-check';
import { expect, it } from 'vitest';
import { login, type LoginCommand } from '../../src/domain/login/decide.ts';
import type { LoginEvent } from '../../src/domain/login/events.ts';
import { anyTime, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const ids = { loginId: 'login-1', userId: 'ann' };
const facts = { ...ids, deviceId: 'laptop', remember: true, transport: 'cookie' } as const;
const start = (deviceTrusted: boolean): LoginCommand => ({
  type: 'StartLogin',
  ...facts,
  deviceTrusted,
  codeId: 'code-1',
  placeChecked: true,
  now: moment(),
});

const approve = (matchingCodeId: string | null, now: Date): LoginCommand => ({
  type: 'ApproveDevice',
  matchingCodeId,
  now,
});
const anyEvent: fc.Arbitrary<LoginEvent> = fc.oneof(
  fc.record({ deviceTrusted: fc.boolean(), expiresAt: anyTime, at: anyTime }).map((data): LoginEvent => ({
    type: 'LoginStarted',
    data: { ...facts, ...data },
  })),
  fc.record({ codeId: fc.string(), number: fc.nat(), expiresAt: anyTime, at: anyTime }).map((data): LoginEvent => ({
    type: 'DeviceCodeRequested',
    data: { ...ids, ...data },
  })),
  fc.record({ codeId: fc.string(), tries: fc.nat(), at: anyTime }).map((data): LoginEvent => ({
    type: 'DeviceCodeRejected',
    data: { ...ids, ...data },
  })),
  fc.record({ codeId: fc.string(), at: anyTime }).map((data): LoginEvent => ({
    type: 'LoginDeviceApproved',
    data: { ...ids, deviceId: 'laptop', ...data },
  })),
  fc
    .record({ reason: fc.constantFrom('device-code-tries', 'device-code-resends', 'denied-by-user'), at: anyTime })
    .map((data): LoginEvent => ({
      type: 'LoginDenied',
      data: { ...ids, ...data },
    })),
  fc.record({ decisionId: fc.string(), expiresAt: anyTime, at: anyTime }).map((data): LoginEvent => ({
    type: 'LoginFlagged',
    data: { ...ids, ruleVersion: 1, signals: ['new-country'], inputs: null, ...data },
  })),
  fc.record({ decisionId: fc.string(), at: anyTime }).map((data): LoginEvent => ({
    type: 'LoginApprovedByUser',
    data: { ...ids, ...data },
  })),
  anyTime.map((at): LoginEvent => ({
    type: 'LoginClearedByGeo',
    data: { ...ids, ruleVersion: 1, inputs: null, at },
  })),
  anyTime.map((at): LoginEvent => ({ type: 'LoginClearedWithoutGeo', data: { ...ids, reason: 'timeout', at } })),
  fc.record({ teamId: fc.string(), at: anyTime }).map((data): LoginEvent => ({
    type: 'LoginCompleted',
    data: { ...facts, roleId: 'owner', sessionId: 'session-1', ...data },
  })),
);
const codeIds = ['code-1', 'code-2', 'code-3', 'code-4', 'code-5'];
const rightCode = (now: Date) => fc.constantFrom(...codeIds).map((codeId) => approve(codeId, now));
const nextCode = (now: Date) =>
  fc.constantFrom(...codeIds).map((codeId): LoginCommand => ({ type: 'ResendDeviceCode', codeId, now }));
const team = (now: Date) =>
  fc
    .constantFrom('team-1', 'team-2')
    .map((teamId): LoginCommand => ({ type: 'SelectTeam', teamId, roleId: 'owner', sessionId: 'session-1', now }));
const wrongCode = (now: Date) => fc.constant(approve(null, now));
const started = fc.boolean().map(start);
const sequence = (...kinds: ((now: Date) => fc.Arbitrary<LoginCommand>)[]) =>
  fc
    .tuple(
      started,
      inOrder((now) => fc.oneof(...kinds.map((kind) => kind(now))), { start: moment(), maxStepSeconds: 90 }),
    )
    .map(([first, rest]) => [first, ...rest]);

it('any events fold', () => {
  expectAnyFold(login, anyEvent);
});

it('the same command twice is the same as once, but for wrong codes', () => {
  const commands = sequence(wrongCode, rightCode, nextCode, team);
  expectNothingTwice(login, commands, ({ type }) => type === 'DeviceCodeRejected');
});

it('a login never counts more than five wrong codes, sends more than four, or goes on after a denial', () => {
  fc.assert(
    fc.property(sequence(wrongCode, nextCode, team), (commands) => {
      const events = play(login, commands).flatMap((step) => step.events);
      const count = (type: LoginEvent['type']) => events.filter((event) => event.type === type).length;
      expect(count('DeviceCodeRejected')).toBeLessThanOrEqual(5);
      expect(count('DeviceCodeRequested')).toBeLessThanOrEqual(4);
      if (count('LoginDenied') > 0) expect(events.at(-1)?.type).toBe('LoginDenied');
    }),
  );
});

it('a login completes once at most, and on a new device only after a code was right', () => {
  fc.assert(
    fc.property(sequence(wrongCode, rightCode, nextCode, team), (commands) => {
      const events = play(login, commands).flatMap((step) => step.events);
      const types = events.map(({ type }) => type);
      const end = types.indexOf('LoginCompleted');
      if (end === -1) return;
      expect(types.lastIndexOf('LoginCompleted')).toBe(end);
      const isNew = types.includes('DeviceCodeRequested');
      expect(types.slice(0, end).includes('LoginDeviceApproved')).toBe(isNew);
    }),
  );
});

const verdict = (now: Date) =>
  fc.constantFrom<LoginCommand>(
    { type: 'ClearByGeo', ruleVersion: 1, inputs: null, now },
    { type: 'ClearWithoutGeo', reason: 'timeout', now },
    { type: 'FlagLogin', ruleVersion: 1, signals: ['new-country'], inputs: null, decisionId: 'decision-1', now },
  );
const decision = (now: Date) =>
  fc
    .constantFrom('approve' as const, 'deny' as const)
    .map((decided): LoginCommand => ({ type: 'DecideLogin', decision: decided, decisionId: 'decision-1', now }));

it('a login is judged, flagged and decided once at most, and never completes while its owner is asked', () => {
  fc.assert(
    fc.property(sequence(rightCode, nextCode, verdict, decision, team), (commands) => {
      const steps = play(login, commands);
      const types = steps.flatMap((step) => step.events.map(({ type }) => type));
      const count = (...of: LoginEvent['type'][]) => types.filter((type) => of.includes(type)).length;
      expect(count('LoginFlagged', 'LoginClearedByGeo')).toBeLessThanOrEqual(1);
      const decided = steps.filter(({ command, events }) => command.type === 'DecideLogin' && events.length > 0);
      expect(decided.length).toBeLessThanOrEqual(1);
      for (const { before, events } of steps) {
        if (!events.some(({ type }) => type === 'LoginCompleted') || before.status === 'unknown') continue;
        expect(before.location.check === 'flagged' && !before.location.passedByCode).toBe(false);
        // Fail-open decisions are events too: nothing completes without a word about its place.
        if (before.location.check === 'pending') expect(events[0]?.type).toBe('LoginClearedWithoutGeo');
      }
    }),
  );
});
