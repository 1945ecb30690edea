import { expect } from 'vitest';
import type { Decider } from '../../src/domain/decider.ts';
import { DomainError, type DomainErrorCode } from '../../src/domain/errors.ts';

/** given(events).when(command).then(events) for one decider. */
export function specificationFor<State, Command, Event>({
  initialState,
  evolve,
  decide,
}: Decider<State, Command, Event>) {
  return (...past: Event[]) => ({
    when: (command: Command) => {
      const run = () => decide(command, past.reduce(evolve, initialState));
      return {
        then: (...expected: Event[]) => {
          expect(run()).toEqual(expected);
        },
        thenNothing: () => {
          expect(run()).toEqual([]);
        },
        thenRefused: (code: DomainErrorCode, details: DomainError['details'] = {}) => {
          const error = thrownBy(run);
          expect(error).toBeInstanceOf(DomainError);
          expect(error).toMatchObject({ code, details });
        },
        /** A bug of the caller, not a refusal. */
        thenFails: () => {
          const error = thrownBy(run);
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(DomainError);
        },
      };
    },
  });
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
