import type { SessionRevocationReason } from '../../domain/sessions/events.ts';
import { user } from '../../domain/user/decide.ts';
import { barOf } from '../../domain/user/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** Why a person can have no session at present; `undefined` where they can. */
export function sessionBar(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>) {
  const load = streamLoader(deps, user);
  return async (userId: string): Promise<SessionRevocationReason | undefined> => {
    const { state } = await load(streams.user(userId));
    return state.status === 'erased' ? 'account-erased' : barOf(state);
  };
}
