/** The pure core of an aggregate: events are the only thing a decision may produce. */
export interface Decider<State, Command, Event> {
  readonly initialState: State;
  readonly evolve: (state: State, event: Event) => State;
  /** Returns what happened: nothing when the command is satisfied already. Throws `DomainError` to refuse. */
  readonly decide: (command: Command, state: State) => readonly Event[];
  /**
   * Set only for streams that can grow. Raise it whenever the shape of `State` changes: snapshots of another version
   * are ignored. `State` must survive a round trip through JSON.
   */
  readonly stateVersion?: number;
}
