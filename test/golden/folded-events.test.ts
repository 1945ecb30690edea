import { describe, expect, it } from 'vitest';

import { eventCodec, type StoredEvent } from '../../src/adapters/event-codec.ts';
import { eventTypes } from '../../src/adapters/event-schemas.ts';
import { personalData } from '../../src/adapters/personal-data.ts';
import type { Recorded } from '../../src/application/ports.ts';
import { loadPlaces } from '../../src/application/places/known-places.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import { aggregates, ownerOf, type AggregateName } from './aggregates.ts';
import { goldenFiles, type GoldenFile } from './golden-files.ts';
import { stories } from './stories.ts';

type Golden = GoldenFile & { name: string };

const files = await goldenFiles();
const releaseOf = ({ name }: Golden) => name.split('/')[0] ?? '';
const releases = [...new Set(files.map(releaseOf))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.reject(new Error('nothing is sealed here')) } });

/** As deciders get it: what the release stored, read by the code of today. Personal fields stay closed. */
function decoded(stored: StoredEvent, revision = 0n): Recorded {
  return codec.decode(stored, { stream: 'stream-1', revision, position: revision, recordedAt: new Date(0) });
}

/** The newest file of a type that had been recorded when `release` was made. */
function fileAsOf(release: string, type: EventType): Golden | undefined {
  return files
    .filter((file) => file.stored.type === type && releases.indexOf(releaseOf(file)) <= releases.indexOf(release))
    .sort((a, b) => releases.indexOf(releaseOf(a)) - releases.indexOf(releaseOf(b)))
    .at(-1);
}

interface Telling {
  readonly aggregate: AggregateName;
  readonly story: string;
  readonly release: string;
  readonly told: readonly Golden[];
}

/** A story is told for each release that recorded one of its events, once all of them had been. */
const tellings = (Object.keys(stories) as AggregateName[]).flatMap((aggregate) =>
  Object.entries(stories[aggregate] as Record<string, readonly EventType[]>).flatMap(([story, types]) =>
    releases.flatMap((release): Telling[] => {
      const told = types.map((type) => fileAsOf(release, type)).filter((file) => file !== undefined);
      const isNew = told.some((file) => releaseOf(file) === release);
      return told.length === types.length && isNew ? [{ aggregate, story, release, told }] : [];
    }),
  ),
);

/** What the first tells is outside the state; the recorded examples of the others say what holds already. */
const withoutEffect: readonly EventType[] = ['PasswordRehashed', 'ErasureRequested', 'DeviceUsed', 'SessionTeamSwitched'];

function statesOf({ aggregate, told }: Telling): unknown[] {
  const { initialState, evolve } = aggregates[aggregate];
  let state: unknown = initialState;
  return told.map(({ stored }, n) => (state = evolve(state, decoded(stored, BigInt(n)).event)));
}

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
