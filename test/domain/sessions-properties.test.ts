import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessions, type SessionsCommand } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';
import { anyTime, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const userId = 'ann';
const sessionId = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const common = { userId, teamId: 'team-1' };
const facts = { ...common, roleId: 'owner', deviceId: 'laptop', loginId: 'login-1' };

const event: fc.Arbitrary<SessionsEvent> = fc.oneof(
  fc
    .record({ sessionId, remember: fc.boolean(), idleTimeoutSeconds: fc.nat(), expiresAt: anyTime, at: anyTime })
    .map((data): SessionsEvent => ({ type: 'SessionStarted', data: { ...facts, transport: 'cookie', ...data } })),
  fc
    .record({ sessionId, generation: fc.nat(), at: anyTime })
    .map((data): SessionsEvent => ({ type: 'SessionRefreshed', data: { ...common, ...data } })),
  fc
    .record({ sessionId, bySessionId: sessionId, at: anyTime })
    .map((data): SessionsEvent => ({ type: 'SessionSuperseded', data: { ...common, byDeviceId: 'phone', ...data } })),
  fc
    .record({ sessionId, at: anyTime, reason: fc.constantFrom('logged-out', 'refresh-token-reused') })
    .map((data): SessionsEvent => ({ type: 'SessionRevoked', data: { ...common, ...data } })),
  fc
    .record({ sessionId, at: anyTime, cause: fc.constantFrom('idle', 'absolute') })
    .map((data): SessionsEvent => ({ type: 'SessionExpired', data: { ...common, ...data } })),
);

const startAt = (now: Date, maxSessions: number) =>
  fc.record({ sessionId, remember: fc.boolean() }).map((some): SessionsCommand => ({
    type: 'StartSession',
    ...facts,
    ...some,
    transport: 'bearer',
    idleTimeoutSeconds: 3600,
    completedAt: now,
    maxSessions,
    now,
  }));
const refreshAt = (now: Date) =>
  fc.record({ sessionId, generation: fc.integer({ min: 0, max: 4 }) }).map((some): SessionsCommand => ({
    type: 'RefreshSession',
    ...some,
    lastUsedAt: null,
    now,
  }));
const endAt = (now: Date) =>
  fc.oneof(
    sessionId.map((id): SessionsCommand => ({ type: 'RevokeSession', sessionId: id, reason: 'logged-out', now })),
    fc
      .record({ sessionId, idleMinutes: fc.integer({ min: 0, max: 120 }) })
      .map(({ sessionId: id, idleMinutes }): SessionsCommand => ({
        type: 'ExpireSession',
        sessionId: id,
        lastUsedAt: new Date(now.getTime() - idleMinutes * 60_000),
        now,
      })),
  );
const slow = { start: moment(), maxStepSeconds: 6 * 3600 };
const fast = { start: moment(), maxStepSeconds: 25, maxLength: 80 };

it('any events fold', () => {
  expectAnyFold(sessions, event);
});

it('the same command twice is the same as once: the token that was just used up is within its grace', () => {
  const commands = inOrder((now) => fc.oneof(startAt(now, 2), refreshAt(now), endAt(now)), slow);
  expectNothingTwice(sessions, commands);
});

it('never are more sessions active than allowed, not even between the events of one append', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }).chain((max) =>
        fc.tuple(
          fc.constant(max),
          inOrder((now) => fc.oneof(startAt(now, max), refreshAt(now), endAt(now)), slow),
        ),
      ),
      ([max, commands]) => {
        for (const { before, events } of play(sessions, commands)) {
          let state = before;
          for (const next of events) {
            state = sessions.evolve(state, next);
            expect(state.active.length).toBeLessThanOrEqual(max);
          }
        }
      },
    ),
  );
});

it('a session that ended never becomes active again', () => {
  fc.assert(
    fc.property(
      inOrder((now) => fc.oneof(startAt(now, 1), refreshAt(now), endAt(now)), slow),
      (commands) => {
        const over = new Set<string>();
        for (const { after } of play(sessions, commands)) {
          for (const { sessionId: id } of after.ended) over.add(id);
          expect(after.active.filter(({ sessionId: id }) => over.has(id))).toEqual([]);
        }
      },
    ),
  );
});

it('generations of a session go up by one each time', () => {
  fc.assert(
    fc.property(
      inOrder(
        (now) => fc.oneof({ weight: 1, arbitrary: startAt(now, 2) }, { weight: 5, arbitrary: refreshAt(now) }),
        fast,
      ),
      (commands) => {
        const newest = new Map<string, number>();
        for (const next of play(sessions, commands).flatMap(({ events }) => events)) {
          if (next.type !== 'SessionRefreshed') continue;
          const { sessionId: id, generation } = next.data;
          expect(generation).toBe((newest.get(id) ?? 0) + 1);
          newest.set(id, generation);
        }
      },
    ),
  );
});

it('an old token is honoured only within 30 seconds, and otherwise ends the session', () => {
  fc.assert(
    fc.property(
      inOrder(
        (now) => fc.oneof({ weight: 1, arbitrary: startAt(now, 2) }, { weight: 5, arbitrary: refreshAt(now) }),
        fast,
      ),
      (commands) => {
        for (const { command, before, events } of play(sessions, commands)) {
          if (command.type !== 'RefreshSession') continue;
          const session = sessionIn(before, command.sessionId);
          if (session === undefined || command.generation === session.generation) continue;
          const age = command.now.getTime() - Date.parse(session.generationAt);
          const honoured = command.generation === session.generation - 1 && age <= 30_000;
          expect(events.map(({ type }) => type)).toEqual(honoured ? [] : ['SessionRevoked']);
        }
      },
    ),
  );
});
