import type { EventStore, PersonalData, Recorded } from '../ports.ts';
import { differences, type Difference } from './difference.ts';
import { foldingFor, type Folding } from './foldings.ts';

interface Dependencies {
  eventStore: Pick<EventStore, 'readStream'>;
  personalData: Pick<PersonalData, 'open'>;
}

/** Both may be left out: then it is the state as it is now. */
export interface Moment {
  readonly position?: bigint | undefined;
  readonly at?: Date | undefined;
}

export interface StateThen {
  /** As decisions see it; personal fields are opened, and `null` once the person is erased. */
  readonly state: unknown;
  /** Of the event that made it so. */
  readonly eventId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly recordedAt: Date;
}

/** `undefined` where the stream has no state, or nothing had happened yet. */
export type DescribeState = (stream: string, moment: Moment) => Promise<StateThen | undefined>;

/** What is folded is the stream itself, never a read model or a snapshot. */
export function describeState({ eventStore, personalData }: Dependencies): DescribeState {
  return async (stream, { position, at }) => {
    const folding = foldingFor(stream);
    if (folding === undefined) return undefined;
    const { events } = await eventStore.readStream(stream);
    if (!isWhole(events)) return undefined;
    const end = events.findLastIndex(
      (recorded) =>
        (position === undefined || recorded.position <= position) && (at === undefined || recorded.recordedAt <= at),
    );
    const until = events.slice(0, end + 1);
    const last = until.at(-1);
    if (last === undefined) return undefined;
    const { id: eventId, revision, recordedAt } = last;
    const state = fold(folding, await openAll(personalData, until));
    return { state, eventId, revision, position: last.position, recordedAt };
  };
}

/** What one event changed in the state of its stream; `null` where the stream has none. */
export type DescribeChange = (stream: string, revision: bigint) => Promise<readonly Difference[] | null>;

export function describeChange({ eventStore, personalData }: Dependencies): DescribeChange {
  return async (stream, revision) => {
    const folding = foldingFor(stream);
    if (folding === undefined) return null;
    const { events } = await eventStore.readStream(stream);
    if (!isWhole(events)) return null;
    const opened = await openAll(
      personalData,
      events.filter((recorded) => recorded.revision <= revision),
    );
    const last = opened.at(-1);
    if (last?.revision !== revision) return null;
    const before = fold(folding, opened.slice(0, -1));
    return differences(before, folding.evolve(before, last.event));
  };
}

/** Where the store has let go of how a stream began, what is left of it tells no state. */
const isWhole = (events: readonly Recorded[]) => events[0]?.revision === 0n;

const fold = ({ initialState, evolve }: Folding, events: readonly Recorded[]): unknown =>
  events.reduce((state, { event }) => evolve(state, event), initialState);

const openAll = (personalData: Dependencies['personalData'], events: readonly Recorded[]) =>
  Promise.all(events.map((recorded) => personalData.open(recorded)));
