import { describe, expect, it } from 'vitest';
import { sessions } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { activeSessions, sessionIn } from '../../src/domain/sessions/state.ts';
import { at } from './moments.ts';
import { expired, facts, refreshed, revoked, started, superseded } from './session-events.ts';

describe('what is known of sessions', () => {
  const after = (...events: SessionsEvent[]) => events.reduce(sessions.evolve, sessions.initialState);

  it('tells a client how, when and for which session its own ended', () => {
    const state = after(started('one'), superseded('one', 'two', at({ hours: 1 })), started('two'));
    expect(sessionIn(state, 'one')).toMatchObject({
      ...facts,
      sessionId: 'one',
      status: 'superseded',
      endedAt: at({ hours: 1 }),
      endedBySessionId: 'two',
      startedAt: at(),
    });
    expect(sessionIn(after(started('one'), revoked('logged-out')), 'one')).toMatchObject({ status: 'revoked' });
    expect(sessionIn(after(started('one'), expired('idle')), 'one')).toMatchObject({ status: 'expired-idle' });
    expect(sessionIn(after(started('one'), expired('absolute')), 'one')).toMatchObject({ status: 'expired-absolute' });
  });

  it('tells what an active session is', () => {
    const state = after(started('one'), refreshed(1, at({ minutes: 5 })));
    expect(sessionIn(state, 'one')).toEqual({
      sessionId: 'one',
      ...facts,
      status: 'active',
      startedAt: at(),
      expiresAt: at({ days: 1 }),
      generation: 1,
      generationAt: at({ minutes: 5 }),
    });
    expect(activeSessions(state).map(({ sessionId }) => sessionId)).toEqual(['one']);
    expect(sessionIn(state, 'two')).toBeUndefined();
  });

  it('keeps the last 20 that ended', () => {
    const events = Array.from({ length: 22 }, (_, index) => [
      started(`s${index}`),
      superseded(`s${index}`, `s${index + 1}`),
    ]).flat();
    const state = after(...events);
    expect(sessionIn(state, 's1')).toBeUndefined();
    expect(sessionIn(state, 's2')).toMatchObject({ status: 'superseded' });
    expect(sessionIn(state, 's21')).toMatchObject({ status: 'superseded' });
    expect(state.ended).toHaveLength(20);
  });
});
