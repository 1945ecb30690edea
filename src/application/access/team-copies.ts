import { team } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import type { TeamState } from '../../domain/team/state.ts';
import type { EventStore, Snapshots, StreamRevision } from '../ports.ts';
import type { TeamEpoch } from '../session-cache.ts';
import { recentlyUsed } from '../recently-used.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** Of all copies together: a thousand teams, or a hundred thousand members, which take some fifteen megabytes. */
const mostKept = { teams: 1000, members: 100_000 };

export interface TeamCopy {
  readonly state: TeamState;
  readonly revision: StreamRevision;
}

/** Throws `Unavailable('event-store')` when the copy is older than asked for and the stream cannot be read. */
export type TeamCopies = (teamId: string, epoch: TeamEpoch) => Promise<TeamCopy>;

/**
 * Teams as this process knows them, the most recently used ones: good for as long as they are as new as the epoch, and
 * brought up to date from the end of the stream where they are not. A read is never shared between requests: one that
 * began before a change was acknowledged may not have seen it.
 */
export function teamCopies(deps: { eventStore: EventStore; snapshots: Snapshots }, most = mostKept): TeamCopies {
  const load = streamLoader(deps, team);
  const copies = recentlyUsed<KnownTeam>(most.teams, { most: most.members, of: ({ state }) => membersOf(state) });

  return async (teamId, epoch) => {
    const known = copies.get(teamId);
    if (known !== undefined && typeof epoch === 'bigint' && known.revision >= epoch) return known;
    const { state, revision } = known === undefined ? await load(streams.team(teamId)) : await tail(teamId, known);
    return revision === 'no-stream' ? { state, revision } : keep(teamId, { state, revision });
  };

  async function tail(teamId: string, known: KnownTeam): Promise<TeamCopy> {
    const { events, revision } = await deps.eventStore.readStream(streams.team(teamId), known.revision + 1n);
    const state = events.map(({ event }) => event as TeamEvent).reduce(team.evolve, known.state);
    return { state, revision };
  }

  /** Another request may have read further in the meantime. */
  function keep(teamId: string, copy: KnownTeam): TeamCopy {
    const known = copies.get(teamId);
    if (known === undefined || known.revision <= copy.revision) copies.set(teamId, copy);
    return copy;
  }
}

type KnownTeam = TeamCopy & { readonly revision: bigint };

const membersOf = (state: TeamState): number =>
  state.status === 'unknown' ? 0 : Object.keys(state.members).length + state.acceptances.length;
