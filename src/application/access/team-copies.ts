import { team } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import type { TeamState } from '../../domain/team/state.ts';
import type { EventStore, Snapshots, StreamRevision } from '../ports.ts';
import type { TeamEpoch } from '../session-cache.ts';
import { recentlyUsed } from '../recently-used.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** Teams, so that the copies of large ones fit too. */
const copiesKept = 1000;

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
export function teamCopies(deps: { eventStore: EventStore; snapshots: Snapshots }): TeamCopies {
  const load = streamLoader(deps, team);
  const copies = recentlyUsed<TeamCopy & { readonly revision: bigint }>(copiesKept);

  return async (teamId, epoch) => {
    const known = copies.get(teamId);
    if (known !== undefined && typeof epoch === 'bigint' && known.revision >= epoch) return known;
    const { state, revision } = known === undefined ? await load(streams.team(teamId)) : await tail(teamId, known);
    return revision === 'no-stream' ? { state, revision } : keep(teamId, { state, revision });
  };

  async function tail(teamId: string, known: TeamCopy & { readonly revision: bigint }): Promise<TeamCopy> {
    const { events, revision } = await deps.eventStore.readStream(streams.team(teamId), known.revision + 1n);
    const state = events.map(({ event }) => event as TeamEvent).reduce(team.evolve, known.state);
    return { state, revision };
  }

  /** Another request may have read further in the meantime. */
  function keep(teamId: string, copy: TeamCopy & { readonly revision: bigint }): TeamCopy {
    const known = copies.get(teamId);
    if (known === undefined || known.revision <= copy.revision) copies.set(teamId, copy);
    return copy;
  }
}
