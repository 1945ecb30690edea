import type { Decider } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';
import { type Context, type NewId, WrongExpectedRevision } from './ports.ts';
import { deciding, supposing, type Begins } from './deciding.ts';
import type { Loaded } from './recent-states.ts';
import { streamLoader, type StreamLoading } from './stream-loader.ts';
import { categoryOf } from './streams.ts';
import type { Tracing } from './tracing.ts';

const maxAttempts = 3;
/** A snapshot is taken when this many events would have to be read again without it. */
const snapshotEvery = 100n;

export interface CommandHandling extends StreamLoading {
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
 * after three lost races, `DomainError` when the decider refuses. Where the stream was folded a moment ago, or begins
 * with the command, it decides on that first, without a read: the append tells whether it was so.
 */
export function commandHandler<State, Command extends { readonly type: string }, Event extends DomainEvent>(
  { eventStore, snapshots, recent, newId, backOff, tracing }: CommandHandling,
  decider: Decider<State, Command, Event>,
) {
  const load = streamLoader({ eventStore, snapshots, ...(recent && { recent }) }, decider);
  const decided = deciding(load, decider);
  const supposedOf = supposing(recent, decider);

  if (tracing === undefined) return handle;
  return (stream: string, command: Command, context: Context, begins?: Begins): Promise<Handled<State, Event>> => {
    const attributes = { 'mbauth.stream_category': categoryOf(stream) };
    const span = { name: `command ${command.type}`, attributes };
    return tracing.inSpan(span, () => handle(stream, command, context, begins));
  };

  async function handle(stream: string, command: Command, context: Context, begins?: Begins) {
    let supposed = supposedOf(stream, begins);
    // The first attempt is on what is supposed, if anything: losing with it says nothing of other writers now.
    for (let attempt = supposed ? 0 : 1; ; attempt++) {
      const { loaded, events } = await decided(stream, command, supposed);
      supposed = undefined;
      if (events.length === 0) return { events, ...loaded };
      try {
        const newEvents = events.map((event) => ({ id: newId(), event, context }));
        const appended = await eventStore.append(stream, newEvents, loaded.revision);
        const state = events.reduce(decider.evolve, loaded.state);
        const snapshotRevision = await snapshot(stream, loaded, { state, ...appended });
        recent?.keep(stream, decider.evolve, { state, ...appended, snapshotRevision });
        return { events, state, ...appended };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === maxAttempts) throw error;
        if (attempt > 0) await backOff(attempt);
      }
    }
  }

  /** The revision of the newest snapshot. */
  async function snapshot(
    stream: string,
    before: Loaded<State>,
    now: { state: State; revision: bigint; position: bigint },
  ): Promise<bigint> {
    const { snapshotRevision } = before;
    if (decider.stateVersion === undefined || now.revision - snapshotRevision < snapshotEvery) return snapshotRevision;
    // A snapshot only saves time: the command has succeeded without it.
    await snapshots.save(stream, decider.stateVersion, now).catch(() => undefined);
    return now.revision;
  }
}
