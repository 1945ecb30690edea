import { eventCodec, type StoredEvent } from '../../src/adapters/event-codec.ts';
import type { Recorded } from '../../src/application/ports.ts';
import type { EventType } from '../../src/domain/events.ts';
import { aggregates, type AggregateName } from './aggregates.ts';
import { goldenFiles, type GoldenFile } from './golden-files.ts';
import { stories } from './stories.ts';

type Golden = GoldenFile & { name: string };

export const files = await goldenFiles();
const releaseOf = ({ name }: Golden) => name.split('/')[0] ?? '';
const releases = [...new Set(files.map(releaseOf))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.reject(new Error('nothing is sealed here')) } });

/** As deciders get it: what the release stored, read by the code of today. Personal fields stay closed. */
export function decoded(stored: StoredEvent, revision = 0n): Recorded {
  return codec.decode(stored, { stream: 'stream-1', revision, position: revision, recordedAt: new Date(0) });
}

/** The newest file of a type that had been recorded when `release` was made. */
function fileAsOf(release: string, type: EventType): Golden | undefined {
  return files
    .filter((file) => file.stored.type === type && releases.indexOf(releaseOf(file)) <= releases.indexOf(release))
    .sort((a, b) => releases.indexOf(releaseOf(a)) - releases.indexOf(releaseOf(b)))
    .at(-1);
}

export interface Telling {
  readonly aggregate: AggregateName;
  readonly story: string;
  readonly release: string;
  readonly told: readonly Golden[];
}

/** A story is told for each release that recorded one of its events, once all of them had been. */
export const tellings = (Object.keys(stories) as AggregateName[]).flatMap((aggregate) =>
  Object.entries(stories[aggregate] as Record<string, readonly EventType[]>).flatMap(([story, types]) =>
    releases.flatMap((release): Telling[] => {
      const told = types.map((type) => fileAsOf(release, type)).filter((file) => file !== undefined);
      const isNew = told.some((file) => releaseOf(file) === release);
      return told.length === types.length && isNew ? [{ aggregate, story, release, told }] : [];
    }),
  ),
);

/** After each event. */
export function statesOf({ aggregate, told }: Telling): unknown[] {
  const { initialState, evolve } = aggregates[aggregate];
  let state: unknown = initialState;
  return told.map(({ stored }, n) => (state = evolve(state, decoded(stored, BigInt(n)).event)));
}
