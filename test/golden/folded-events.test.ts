import { describe, expect, it } from 'vitest';

import { eventTypes } from '../../src/adapters/event-schemas.ts';
import { personalData } from '../../src/adapters/personal-data.ts';
import { loadPlaces } from '../../src/application/places/known-places.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import { aggregates, ownerOf } from './aggregates.ts';
import { decoded, files, statesOf, tellings } from './tellings.ts';

/** What the first tells is outside the state; the recorded examples of the others say what holds already. */
const withoutEffect: readonly EventType[] = ['PasswordRehashed', 'ErasureRequested', 'DeviceUsed', 'SessionTeamSwitched'];

describe('events stored by any release, folded by the aggregate that owns them', () => {
  it.each(tellings)('$aggregate "$story", as $release stored it, is in this state', (telling) => {
    expect(statesOf(telling).at(-1)).toMatchSnapshot();
  });

  it.each(tellings)('$aggregate "$story" of $release: each event makes a difference', (telling) => {
    const states = [aggregates[telling.aggregate].initialState, ...statesOf(telling)];
    const idle = telling.told.filter((_, n) => JSON.stringify(states[n]) === JSON.stringify(states[n + 1]));
    expect(idle.map(({ stored }) => stored.type).filter((type) => !withoutEffect.includes(type as EventType))).toEqual(
      [],
    );
  });

  it.each(tellings)('$aggregate "$story" of $release can be kept as a snapshot', (telling) => {
    const state = statesOf(telling).at(-1);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it.each(tellings)('$aggregate "$story" of $release does not hold what is personal', (telling) => {
    expect(JSON.stringify(statesOf(telling))).not.toMatch(/203\.0\.113|Mozilla|example\.org|Jürgen/);
  });

  it('are all told in some story, each by its owner', () => {
    const told = new Set(tellings.flatMap((telling) => telling.told.map(({ name }) => name)));
    const untold = files.filter(({ name, stored }) => ownerOf[stored.type as EventType] !== 'no aggregate' && !told.has(name));
    expect(untold.map(({ name }) => name)).toEqual([]);
    for (const { aggregate, told: events } of tellings) {
      expect(new Set(events.map(({ stored }) => ownerOf[stored.type as EventType]))).toEqual(new Set([aggregate]));
    }
    expect(Object.keys(ownerOf).sort()).toEqual([...eventTypes].sort());
  });

  it.each(files.filter(({ stored }) => stored.type === 'LoginPlaceRecorded'))(
    '$name says where a person has been',
    async ({ stored, subjectKey }) => {
      const { event } = decoded(stored);
      const { userId } = (event as Extract<DomainEvent, { type: 'LoginPlaceRecorded' }>).data;
      const key = Buffer.from(subjectKey, 'base64');
      const loaded = await loadPlaces(
        {
          eventStore: {
            readStream: (stream) =>
              Promise.resolve({ events: [{ ...decoded(stored), stream }], revision: 0n, position: 0n }),
            append: () => Promise.reject(new Error('nothing is appended here')),
          },
          personalData: personalData({
            subjectKeys: { forOpening: () => Promise.resolve(key), destroy: () => Promise.resolve() },
          }),
        },
        userId,
      );
      expect(loaded).toMatchSnapshot();
    },
  );
});
