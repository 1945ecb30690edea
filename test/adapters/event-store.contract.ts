import { describe, expect, it, onTestFinished } from 'vitest';

import { newId } from '../../src/adapters/uuid-ids.ts';
import {
  WrongExpectedRevision,
  type Context,
  type EventStore,
  type LogEntry,
  type NewEvent,
  type Subscribe,
} from '../../src/application/ports.ts';

const context: Context = { actor: { kind: 'system' }, correlationId: 'c', causationId: 'r' };

export function newEvent(userId: string, lockMinutes = 1, id = newId()): NewEvent {
  const at = '2026-01-02T03:04:05.678Z';
  return { id, event: { type: 'AccountLocked', data: { userId, lockMinutes, until: at, at } }, context };
}

/** What every event store must do; `subscribe` follows the log of the same store. */
export function eventStoreContract(store: () => { eventStore: EventStore; subscribe: Subscribe }): void {
  const freshStream = (): string => `user-${newId()}`;

  describe('a stream', () => {
    it('has no revision and no position while it does not exist', async () => {
      const read = await store().eventStore.readStream(freshStream());
      expect(read).toEqual({ events: [], revision: 'no-stream', position: undefined });
    });

    it('gives back what was appended, in order and with its place', async () => {
      const { eventStore } = store();
      const stream = freshStream();
      const events = [newEvent('a', 1), newEvent('a', 2), newEvent('a', 3)];
      const appended = await eventStore.append(stream, events, 'no-stream');
      expect(appended.revision).toBe(2n);

      const read = await eventStore.readStream(stream);
      expect(read.events.map(({ id, event, context: from }) => ({ id, event, context: from }))).toEqual(events);
      expect(read.events.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
      expect(read.events.map((recorded) => recorded.stream)).toEqual([stream, stream, stream]);
      expect(read).toMatchObject({ revision: 2n, position: appended.position });
      expect(read.events.at(-1)?.position).toBe(appended.position);
      expect(read.events[0]?.recordedAt).toBeInstanceOf(Date);
    });

    it('is read from a revision on, and tells its end even when nothing is new', async () => {
      const { eventStore } = store();
      const stream = freshStream();
      const { position } = await eventStore.append(stream, [newEvent('a', 1), newEvent('a', 2)], 'no-stream');
      const revisionsFrom = async (from: bigint) => {
        const { events, ...end } = await eventStore.readStream(stream, from);
        return { revisions: events.map(({ revision }) => revision), ...end };
      };
      const end = { revision: 1n, position };
      expect(await revisionsFrom(0n)).toEqual({ revisions: [0n, 1n], ...end });
      expect(await revisionsFrom(1n)).toEqual({ revisions: [1n], ...end });
      expect(await revisionsFrom(2n)).toEqual({ revisions: [], ...end });
      expect(await revisionsFrom(9n)).toEqual({ revisions: [], ...end });
      expect(await eventStore.readStream(freshStream(), 5n)).toMatchObject({ events: [], revision: 'no-stream' });
    });

    it('positions rise across streams', async () => {
      const { eventStore } = store();
      const first = await eventStore.append(freshStream(), [newEvent('a')], 'no-stream');
      const second = await eventStore.append(freshStream(), [newEvent('b')], 'any');
      expect(second.position > first.position).toBe(true);
    });
  });

  describe('an append', () => {
    it('is refused when someone else appended first', async () => {
      const { eventStore } = store();
      const stream = freshStream();
      await eventStore.append(stream, [newEvent('a')], 'no-stream');
      await eventStore.append(stream, [newEvent('a')], 0n);
      for (const expected of ['no-stream', 0n, 7n] as const) {
        const late = eventStore.append(stream, [newEvent('a')], expected);
        await expect(late).rejects.toThrow(WrongExpectedRevision);
      }
      await expect(eventStore.append(freshStream(), [newEvent('a')], 0n)).rejects.toThrow(WrongExpectedRevision);
      expect((await eventStore.readStream(stream)).revision).toBe(1n);
    });

    it('is won by exactly one of many at the same revision', async () => {
      const { eventStore } = store();
      const stream = freshStream();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => eventStore.append(stream, [newEvent('a'), newEvent('a')], 'no-stream')),
      );
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).toHaveLength(7);
      for (const { reason } of lost) expect(reason).toBeInstanceOf(WrongExpectedRevision);
      expect((await eventStore.readStream(stream)).events).toHaveLength(2);
    });

    it('repeated with the same ids at the same revision is one append', async () => {
      const { eventStore } = store();
      const stream = freshStream();
      const events = [newEvent('a', 1), newEvent('a', 2)];
      const first = await eventStore.append(stream, events, 'no-stream');
      await eventStore.append(stream, [newEvent('a', 3)], 1n);
      expect(await eventStore.append(stream, events, 'no-stream')).toEqual(first);
      const [one] = events;
      if (one === undefined) throw new Error('There is an event.');
      const longer = [...events, newEvent('a')];
      await expect(eventStore.append(stream, longer, 'no-stream')).rejects.toThrow(WrongExpectedRevision);
      await expect(eventStore.append(stream, [newEvent('a'), one], 'no-stream')).rejects.toThrow();
      expect((await eventStore.readStream(stream)).events).toHaveLength(3);
    });

    it('of nothing is a mistake of the caller', async () => {
      await expect(store().eventStore.append(freshStream(), [], 'any')).rejects.toThrow('Nothing to append');
    });
  });

  describe('a subscription', () => {
    function following(after: bigint | 'start') {
      const stop = new AbortController();
      const entries = store().subscribe(after, stop.signal)[Symbol.asyncIterator]();
      onTestFinished(() => {
        stop.abort();
      });
      const next = async (): Promise<LogEntry> => {
        const result = await entries.next();
        if (result.done === true) throw new Error('The subscription ended.');
        return result.value;
      };
      const nextEvents = async (count: number): Promise<string[]> => {
        const ids: string[] = [];
        while (ids.length < count) {
          const entry = await next();
          if (entry.kind === 'event') ids.push(entry.recorded.id);
        }
        return ids;
      };
      return { stop, entries, next, nextEvents };
    }

    it('delivers what is there, says that it caught up, and goes on with what comes', async () => {
      const { eventStore } = store();
      const { position } = await eventStore.append(freshStream(), [newEvent('a')], 'any');
      const past = [newEvent('b', 1), newEvent('b', 2), newEvent('c')];
      await eventStore.append(freshStream(), past.slice(0, 2), 'any');
      await eventStore.append(freshStream(), past.slice(2), 'any');

      const { next, nextEvents } = following(position);
      expect(await nextEvents(3)).toEqual(past.map(({ id }) => id));
      let entry = await next();
      while (entry.kind === 'checkpoint') entry = await next();
      expect(entry).toEqual({ kind: 'caught-up' });

      const live = newEvent('d');
      const appended = await eventStore.append(freshStream(), [live], 'any');
      entry = await next();
      while (entry.kind !== 'event') entry = await next();
      expect(entry.recorded).toMatchObject({ id: live.id, event: live.event, context: live.context });
      expect(entry.position).toBe(appended.position);
    });

    it('resumes after a position without a gap and without a repetition', async () => {
      const { eventStore } = store();
      const { position } = await eventStore.append(freshStream(), [newEvent('a')], 'any');
      const events = Array.from({ length: 5 }, (_, index) => newEvent('b', index));
      await eventStore.append(freshStream(), events, 'any');
      const first = following(position);
      expect(await first.nextEvents(2)).toEqual([events[0]?.id, events[1]?.id]);
      const third = await first.next();
      if (third.kind !== 'event') throw new Error('An event was due.');
      first.stop.abort();
      const second = following(third.position);
      expect(await second.nextEvents(2)).toEqual([events[3]?.id, events[4]?.id]);
    });

    it('never goes back', async () => {
      const { eventStore } = store();
      for (let round = 0; round < 5; round += 1) {
        await eventStore.append(freshStream(), [newEvent('a', 1), newEvent('a', 2)], 'any');
      }
      const { next } = following('start');
      let last = -1n;
      for (let entry = await next(); entry.kind !== 'caught-up'; entry = await next()) {
        expect(entry.position >= last).toBe(true);
        if (entry.kind === 'event') expect(entry.position > last || last === -1n).toBe(true);
        last = entry.position;
      }
      expect(last > 0n).toBe(true);
    });

    it('ends when it is told to, also while it waits', async () => {
      const { eventStore } = store();
      const { position } = await eventStore.append(freshStream(), [newEvent('a')], 'any');
      const { entries, next, stop } = following(position);
      for (let entry = await next(); entry.kind !== 'caught-up';) entry = await next();
      const waiting = entries.next();
      stop.abort();
      let ended = await waiting;
      while (ended.done !== true) ended = await entries.next();
      expect(ended.done).toBe(true);
      const already = store().subscribe('start', AbortSignal.abort())[Symbol.asyncIterator]();
      expect(await already.next()).toEqual({ done: true, value: undefined });
    });

    it('waits for a slow reader', async () => {
      const { eventStore } = store();
      const { position } = await eventStore.append(freshStream(), [newEvent('a')], 'any');
      const stream = freshStream();
      const many = Array.from({ length: 300 }, (_, index) => newEvent('a', index));
      await eventStore.append(stream, many, 'no-stream');
      const { nextEvents } = following(position);
      expect(await nextEvents(1)).toEqual([many[0]?.id]);
      expect((await eventStore.readStream(stream)).events).toHaveLength(300);
      expect(await nextEvents(299)).toEqual(many.slice(1).map(({ id }) => id));
    });
  });
}
