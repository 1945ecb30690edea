import type { Decider } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { EventStore, Snapshots, StreamRevision } from './ports.ts';

export interface Loaded<State> {
  readonly state: State;
  readonly revision: StreamRevision;
  readonly position: bigint | undefined;
  /** Revision of the snapshot that was used; -1 without one. */
  readonly snapshotRevision: bigint;
}

/** State of a stream as it stands: from the newest snapshot and the events after it, else from the first event. */
export function streamLoader<State, Event extends DomainEvent>(
  { eventStore, snapshots }: { eventStore: EventStore; snapshots: Snapshots },
  {
    initialState,
    evolve,
    stateVersion,
  }: Pick<Decider<State, never, Event>, 'initialState' | 'evolve' | 'stateVersion'>,
) {
  return async function load(stream: string): Promise<Loaded<State>> {
    // The vault's database may be away while the log is not: the stream alone is enough.
    const snapshot =
      stateVersion === undefined ? undefined : await snapshots.load(stream, stateVersion).catch(() => undefined);
    const { events, revision, position } = await eventStore.readStream(stream, snapshot && snapshot.revision + 1n);
    const state = events
      .map((recorded) => recorded.event as Event)
      .reduce(evolve, snapshot ? (snapshot.state as State) : initialState);
    return {
      state,
      revision: revision === 'no-stream' && snapshot ? snapshot.revision : revision,
      position: position ?? snapshot?.position,
      snapshotRevision: snapshot?.revision ?? -1n,
    };
  };
}
