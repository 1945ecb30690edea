import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { commandHandler } from '../../src/application/command-handler.ts';
import { Unavailable, type EventStore } from '../../src/application/ports.ts';
import { recentStates } from '../../src/application/recent-states.ts';
import { streamLoader } from '../../src/application/stream-loader.ts';
import { sessions } from '../../src/domain/sessions/decide.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';

const stream = 'sessions-ada';
const now = new Date('2026-01-01T12:00:00Z');
const context = { actor: { kind: 'system' }, correlationId: 'c', causationId: 'c' } as const;
const start = (sessionId: string, maxSessions = 5) =>
  ({
    type: 'StartSession',
    ...{ sessionId, userId: 'ada', teamId: 't', roleId: 'r', deviceId: 'd', loginId: 'l' },
    ...{ remember: false, transport: 'bearer' as const, idleTimeoutSeconds: 600, maxSessions, now, completedAt: now },
  }) as const;
const refresh = (generation: number) =>
  ({ type: 'RefreshSession', sessionId: 's', generation, lastUsedAt: now, now }) as const;
const revoke = { type: 'RevokeSession', sessionId: 's', reason: 'logged-out', now } as const;

let store: ReturnType<typeof memoryEventStore>;
let calls: string[];

beforeEach(() => {
  store = memoryEventStore({ clock: () => now });
  calls = [];
});

/** As another process has it: a memory of its own over the same log. */
function process(eventStore: EventStore = store) {
  const watched: EventStore = {
    readStream: (...given) => {
      calls.push('read');
      return eventStore.readStream(...given);
    },
    append: (...given) => {
      calls.push('append');
      return eventStore.append(...given);
    },
  };
  const snapshots = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const deps = { eventStore: watched, snapshots, recent: recentStates() };
  const handle = commandHandler({ ...deps, newId: randomUUID, backOff: () => Promise.resolve() }, sessions);
  return { handle, load: streamLoader(deps, sessions) };
}

const types = () => store.all().map(({ event }) => event.type);

describe('a stream that was folded a moment ago', () => {
  it('is appended to without being read again', async () => {
    const { handle } = process();
    await handle(stream, start('s'), context);
    calls = [];
    await handle(stream, refresh(0), context);
    await handle(stream, refresh(1), context);
    expect(calls).toEqual(['append', 'append']);
    expect(types()).toEqual(['SessionStarted', 'SessionRefreshed', 'SessionRefreshed']);
  });

  it('decides again when another process was first, however often', async () => {
    const [one, other] = [process(), process()];
    await one.handle(stream, start('s'), context);
    await other.load(stream);
    for (let generation = 0; generation < 6; generation += 2) {
      await one.handle(stream, refresh(generation), context);
      await other.handle(stream, refresh(generation + 1), context);
    }
    expect(types()).toEqual(['SessionStarted', ...Array<string>(6).fill('SessionRefreshed')]);
  });

  it('takes a token for used twice, though another process has seen the first use', async () => {
    const [one, other] = [process(), process()];
    await one.handle(stream, start('s'), context);
    await other.load(stream);
    for (const generation of [0, 1]) await one.handle(stream, refresh(generation), context);
    await other.handle(stream, refresh(0), context);
    expect(types().at(-1)).toBe('SessionRevoked');
  });

  it('refuses what another process has revoked', async () => {
    const [one, other] = [process(), process()];
    await one.handle(stream, start('s'), context);
    await other.load(stream);
    await one.handle(stream, revoke, context);
    await expect(other.handle(stream, refresh(0), context)).rejects.toMatchObject({ code: 'session-revoked' });
  });

  it('refuses nothing by what it was', async () => {
    const [one, other] = [process(), process()];
    await one.handle(stream, start('first'), context);
    await other.load(stream);
    await one.handle(stream, start('s'), context);
    await other.handle(stream, refresh(0), context);
    expect(types().at(-1)).toBe('SessionRefreshed');
  });

  it('is one winner for two at once, the other decides on its outcome', async () => {
    const { handle } = process();
    await handle(stream, start('s'), context);
    const [one, other] = await Promise.all([handle(stream, refresh(0), context), handle(stream, refresh(0), context)]);
    expect([one.events.length, other.events.length].toSorted()).toEqual([0, 1]);
    expect(types()).toEqual(['SessionStarted', 'SessionRefreshed']);
  });

  it('knows of an append whose answer was lost', async () => {
    let isCut = false;
    const cutOff: EventStore = {
      readStream: (...given) => store.readStream(...given),
      append: async (...given) => {
        const appended = await store.append(...given);
        if (isCut) throw new Unavailable('event-store');
        return appended;
      },
    };
    const { handle } = process(cutOff);
    await handle(stream, start('s'), context);
    isCut = true;
    await expect(handle(stream, refresh(0), context)).rejects.toBeInstanceOf(Unavailable);
    isCut = false;
    const again = await handle(stream, refresh(0), context);
    expect(again.events).toEqual([]);
    expect(types()).toEqual(['SessionStarted', 'SessionRefreshed']);
  });
});

describe('a load', () => {
  it('has what another process appended since', async () => {
    const [one, other] = [process(), process()];
    await one.handle(stream, start('s'), context);
    await other.load(stream);
    await one.handle(stream, revoke, context);
    const { state, revision } = await other.load(stream);
    expect(sessionIn(state, 's')?.status).toBe('revoked');
    expect(revision).toBe(1n);
  });

  it('begins anew when the stream is shorter than it was', async () => {
    let eventStore: EventStore = store;
    const { handle, load } = process({
      readStream: (...given) => eventStore.readStream(...given),
      append: (...given) => eventStore.append(...given),
    });
    await handle(stream, start('s'), context);
    await handle(stream, refresh(0), context);
    eventStore = memoryEventStore({ clock: () => now });
    expect(await load(stream)).toMatchObject({ state: { active: [], ended: [] }, revision: 'no-stream' });
  });
});

describe('what is remembered', () => {
  const loaded = (text: string, revision: bigint) => ({
    ...{ state: { text }, revision, position: revision, snapshotRevision: -1n },
  });
  const evolve = (state: { text: string }) => state;

  it('is no stream that an e-mail address leads to', () => {
    const recent = recentStates();
    for (const kind of ['email_address', 'user', 'devices', 'failed_login']) {
      recent.keep(`${kind}-1`, evolve, loaded('a', 0n));
      expect(recent.of(`${kind}-1`, evolve)).toBeUndefined();
    }
    recent.keep('team-1', evolve, loaded('a', 0n));
    expect(recent.of('team-1', evolve)).toEqual(loaded('a', 0n));
  });

  it('never goes back, and is nobody else’s state', () => {
    const recent = recentStates();
    recent.keep('team-1', evolve, loaded('new', 5n));
    recent.keep('team-1', evolve, loaded('old', 4n));
    expect(recent.of('team-1', evolve)?.state.text).toBe('new');
    expect(recent.of('team-1', (state: unknown) => state)).toBeUndefined();
  });

  it('is so many bytes, the newest ones', () => {
    const recent = recentStates({ most: 5000 });
    for (let n = 0; n < 10; n += 1) recent.keep(`team-${n}`, evolve, loaded('x'.repeat(1000), 0n));
    const known = Array.from({ length: 10 }, (_, n) => recent.of(`team-${n}`, evolve) !== undefined);
    expect(known.slice(0, 6)).toEqual(Array<boolean>(6).fill(false));
    expect(known.slice(7)).toEqual([true, true, true]);
    recent.keep('team-huge', evolve, loaded('x'.repeat(6000), 0n));
    expect(recent.of('team-huge', evolve)).toBeUndefined();
  });
});
