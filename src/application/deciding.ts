import type { Decider } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Loaded, RecentStates } from './recent-states.ts';

/** Says that the stream most likely has no event yet: its id is new, or it was just seen to be empty. */
export type Begins = 'begins';

/** What a command may be decided on before its stream is read. */
export function supposing<State, Event extends DomainEvent>(
  recent: RecentStates | undefined,
  { initialState, evolve }: Pick<Decider<State, never, Event>, 'initialState' | 'evolve'>,
) {
  return (stream: string, begins: Begins | undefined): Loaded<State> | undefined =>
    begins === undefined ? recent?.of(stream, evolve) : unwritten(initialState);
}

const unwritten = <State>(state: State): Loaded<State> => ({
  state,
  revision: 'no-stream',
  position: undefined,
  snapshotRevision: -1n,
});

interface Decided<State, Event> {
  readonly loaded: Loaded<State>;
  readonly events: readonly Event[];
}

export function deciding<State, Command, Event extends DomainEvent>(
  load: (stream: string) => Promise<Loaded<State>>,
  { decide }: Decider<State, Command, Event>,
) {
  return async (
    stream: string,
    command: Command,
    supposed: Loaded<State> | undefined,
  ): Promise<Decided<State, Event>> => {
    const guess = supposed && onSupposition(supposed, command);
    if (guess !== undefined) return guess;
    const loaded = await load(stream);
    return { loaded, events: decide(command, loaded.state) };
  };

  /** Only what an append can confirm: a refusal, and that there is nothing to do, are left to the stream itself. */
  function onSupposition(loaded: Loaded<State>, command: Command): Decided<State, Event> | undefined {
    try {
      const events = decide(command, loaded.state);
      return events.length === 0 ? undefined : { loaded, events };
    } catch {
      return undefined;
    }
  }
}
