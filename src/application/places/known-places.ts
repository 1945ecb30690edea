import type { EventOf } from '../../domain/events.ts';
import { nowhere, type KnownPlaces } from '../../domain/places/remember.ts';
import type { EventStore, PersonalData, Recorded, StreamRevision } from '../ports.ts';
import { streams } from '../streams.ts';

export interface LoadedPlaces {
  readonly known: KnownPlaces;
  /** Logins that are among them. */
  readonly loginIds: ReadonlySet<string>;
  readonly revision: StreamRevision;
}

export interface PlacesDependencies {
  readonly eventStore: EventStore;
  readonly personalData: PersonalData;
}

/** Where a person has logged in from. There are no snapshots of it: they would hold places in the clear. */
export async function loadPlaces(
  { eventStore, personalData }: PlacesDependencies,
  userId: string,
): Promise<LoadedPlaces> {
  const { events, revision } = await eventStore.readStream(streams.places(userId));
  const recorded = events as readonly Recorded<EventOf<'LoginPlaceRecorded'>>[];
  const loginIds = new Set(recorded.map(({ event }) => event.data.loginId));
  const newest = recorded.at(-1);
  if (newest === undefined) return { known: nowhere, loginIds, revision };
  const { last, countries } = (await personalData.open(newest)).event.data;
  return { known: { last, countries: countries ?? [] }, loginIds, revision };
}
