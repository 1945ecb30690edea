import fc from 'fast-check';
import { expect } from 'vitest';
import type { Decider } from '../../src/domain/decider.ts';
import { DomainError } from '../../src/domain/errors.ts';

export interface Step<State, Command, Event> {
  readonly command: Command;
  readonly before: State;
  readonly events: readonly Event[];
  readonly after: State;
}

/** Runs commands one after the other, as a command handler would; refused ones are left out. */
export function play<State, Command, Event>(
  { initialState, evolve, decide }: Decider<State, Command, Event>,
  commands: readonly Command[],
): Step<State, Command, Event>[] {
  const steps: Step<State, Command, Event>[] = [];
  let state = initialState;
  for (const command of commands) {
    const events = decidedOrRefused(() => decide(command, state));
    if (events === undefined) continue;
    const after = events.reduce(evolve, state);
    steps.push({ command, before: state, events, after });
    state = after;
  }
  return steps;
}

function decidedOrRefused<Event>(run: () => readonly Event[]): readonly Event[] | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/** Any events in any order fold, and the state survives JSON, as snapshots need. */
export function expectAnyFold<State, Command, Event>(
  { initialState, evolve }: Decider<State, Command, Event>,
  event: fc.Arbitrary<Event>,
): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const state = events.reduce(evolve, initialState);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
}

/**
 * A command that is satisfied adds nothing when it comes again: it yields nothing or is refused. Left out are steps with
 * events that count each time they happen.
 */
export function expectNothingTwice<State, Command, Event>(
  decider: Decider<State, Command, Event>,
  commands: fc.Arbitrary<Command[]>,
  countsEachTime: (event: Event) => boolean = () => false,
): void {
  fc.assert(
    fc.property(commands, (sequence) => {
      for (const { command, events, after } of play(decider, sequence)) {
        if (events.some(countsEachTime)) continue;
        expect(decidedOrRefused(() => decider.decide(command, after)) ?? []).toEqual([]);
      }
    }),
  );
}

/** Commands at times that only go forward, by up to `maxStepSeconds` each. */
export function inOrder<Command>(
  commandAt: (now: Date) => fc.Arbitrary<Command>,
  { start, maxStepSeconds, maxLength = 40 }: { start: Date; maxStepSeconds: number; maxLength?: number },
): fc.Arbitrary<Command[]> {
  const steps = fc.array(fc.integer({ min: 0, max: maxStepSeconds }), { maxLength });
  return steps.chain((seconds) => {
    let time = start.getTime();
    return fc.tuple(...seconds.map((step) => commandAt(new Date((time += step * 1000)))));
  });
}
