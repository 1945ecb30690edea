import { team } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import type { EventStore } from '../ports.ts';
import { streams } from '../streams.ts';

/** Who owns a team now, and its name; nobody owns one that is closed. */
export async function teamOwners(
  { eventStore }: { readonly eventStore: Pick<EventStore, 'readStream'> },
  teamId: string,
): Promise<{ readonly name: string | null; readonly userIds: readonly string[] }> {
  const { events } = await eventStore.readStream(streams.team(teamId));
  const state = events.map(({ event }) => event as TeamEvent).reduce(team.evolve, team.initialState);
  if (state.status !== 'open') return { name: null, userIds: [] };
  const owning = Object.entries(state.members).filter(([, roleId]) => state.roles[roleId]?.kind === 'owner');
  return { name: state.name, userIds: owning.map(([userId]) => userId) };
}
