import type { Decider } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { EventStore, Snapshots } from './ports.ts';
import type { Loaded, RecentStates } from './recent-states.ts';

export interface StreamLoading {
  eventStore: EventStore;
  snapshots: Snapshots;
  recent?: RecentStates;
}

/** State of a stream as it stands: from what is remembered of it and the events after that, else from the first event. */
export function streamLoader<State, Event extends DomainEvent>(
  { eventStore, snapshots, recent }: StreamLoading,
  {
    initialState,
    evolve,
    stateVersion,
  }: Pick<Decider<State, never, Event>, 'initialState' | 'evolve' | 'stateVersion'>,
) {
  return async function load(stream: string): Promise<Loaded<State>> {
    const known = recent?.of(stream, evolve);
    const loaded = (known && (await onwards(stream, known))) ?? (await fromSnapshot(stream));
    recent?.keep(stream, evolve, loaded);
    return loaded;
  };

  function folded(events: readonly { event: DomainEvent }[], from: State): State {
    return events.map(({ event }) => event as Event).reduce(evolve, from);
  }

  /** `undefined` where the stream does not reach so far: it is another one than it was. */
  async function onwards(stream: string, known: Loaded<State>): Promise<Loaded<State> | undefined> {
    if (known.revision === 'no-stream') return undefined;
    const { events, revision, position } = await eventStore.readStream(stream, known.revision + 1n);
    if (revision !== 'no-stream' && revision >= known.revision) {
      return { ...known, state: folded(events, known.state), revision, position: position ?? known.position };
    }
    recent?.forget(stream);
    return undefined;
  }

  async function fromSnapshot(stream: string): Promise<Loaded<State>> {
    // The vault's database may be away while the log is not: the stream alone is enough.
    const snapshot =
      stateVersion === undefined ? undefined : await snapshots.load(stream, stateVersion).catch(() => undefined);
    const { events, revision, position } = await eventStore.readStream(stream, snapshot && snapshot.revision + 1n);
    return {
      state: folded(events, snapshot ? (snapshot.state as State) : initialState),
      revision: revision === 'no-stream' && snapshot ? snapshot.revision : revision,
      position: position ?? snapshot?.position,
      snapshotRevision: snapshot?.revision ?? -1n,
    };
  }
}
