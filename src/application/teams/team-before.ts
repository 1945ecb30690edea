import { team } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import type { OpenTeam } from '../../domain/team/state.ts';
import type { EventStore, Recorded } from '../ports.ts';

/** A team as it stood right before one of its events: that tells names which the event is the end of. */
export async function teamBefore(
  { eventStore }: { readonly eventStore: Pick<EventStore, 'readStream'> },
  { stream, revision }: Recorded,
): Promise<OpenTeam> {
  const { events } = await eventStore.readStream(stream);
  const state = events
    .filter((known) => known.revision < revision)
    .map(({ event }) => event as TeamEvent)
    .reduce(team.evolve, team.initialState);
  if (state.status !== 'open') throw new Error(`${stream} was not open before revision ${String(revision)}`);
  return state;
}
