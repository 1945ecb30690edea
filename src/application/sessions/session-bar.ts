import type { SessionRevocationReason } from '../../domain/sessions/events.ts';
import { user } from '../../domain/user/decide.ts';
import { barOf } from '../../domain/user/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { recentStates } from '../recent-states.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** Why a person can have no session at present; `undefined` where they can. */
export function sessionBar(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>) {
  // Its own, since a login must not go the quicker for an address that is known.
  const load = streamLoader({ ...deps, recent: recentStates({ kinds: ['user'] }) }, user);
  return async (userId: string): Promise<SessionRevocationReason | undefined> => {
    const { state } = await load(streams.user(userId));
    return state.status === 'erased' ? 'account-erased' : barOf(state);
  };
}
