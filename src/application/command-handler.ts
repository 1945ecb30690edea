import type { Decider } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';
import { type Context, type EventStore, type NewId, type Snapshots, WrongExpectedRevision } from './ports.ts';
import { streamLoader, type Loaded } from './stream-loader.ts';
import { categoryOf } from './streams.ts';
import type { Tracing } from './tracing.ts';

const maxAttempts = 3;
/** A snapshot is taken when this many events would have to be read again without it. */
const snapshotEvery = 100n;

export interface CommandHandling {
  eventStore: EventStore;
  snapshots: Snapshots;
  newId: NewId;
  /** Waits a jittered moment before attempt number `attempt`. */
  backOff: (attempt: number) => Promise<void>;
  tracing?: Tracing | undefined;
}

export interface Handled<State, Event> {
  /** What this command made happen; empty when it was satisfied before. */
  readonly events: readonly Event[];
  readonly state: State;
  readonly revision: bigint | 'no-stream';
  /** Position of the newest event of the stream: what a reader has to have seen to see this command's effect. */
  readonly position: bigint | undefined;
}

/**
 * Loads the stream, decides, appends; decides again if another writer got there first. Throws `WrongExpectedRevision`
 * after three lost races, `DomainError` when the decider refuses.
 */
export function commandHandler<State, Command extends { readonly type: string }, Event extends DomainEvent>(
  { eventStore, snapshots, newId, backOff, tracing }: CommandHandling,
  decider: Decider<State, Command, Event>,
) {
  const load = streamLoader({ eventStore, snapshots }, decider);

  if (tracing === undefined) return handle;
  return (stream: string, command: Command, context: Context): Promise<Handled<State, Event>> => {
    const attributes = { 'mbauth.stream_category': categoryOf(stream) };
    return tracing.inSpan({ name: `command ${command.type}`, attributes }, () => handle(stream, command, context));
  };

  async function handle(stream: string, command: Command, context: Context): Promise<Handled<State, Event>> {
    for (let attempt = 1; ; attempt++) {
      const loaded = await load(stream);
      const events = decider.decide(command, loaded.state);
      if (events.length === 0) return { events, ...loaded };
      try {
        const newEvents = events.map((event) => ({ id: newId(), event, context }));
        const appended = await eventStore.append(stream, newEvents, loaded.revision);
        const state = events.reduce(decider.evolve, loaded.state);
        await snapshot(stream, loaded, { state, ...appended });
        return { events, state, ...appended };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === maxAttempts) throw error;
        await backOff(attempt);
      }
    }
  }

  async function snapshot(
    stream: string,
    before: Loaded<State>,
    now: { state: State; revision: bigint; position: bigint },
  ) {
    if (decider.stateVersion === undefined || now.revision - before.snapshotRevision < snapshotEvery) return;
    // A snapshot only saves time: the command has succeeded without it.
    await snapshots.save(stream, decider.stateVersion, now).catch(() => undefined);
  }
}
