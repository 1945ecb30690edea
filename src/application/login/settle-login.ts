import { login } from '../../domain/login/decide.ts';
import type { LoginEvent } from '../../domain/login/events.ts';
import { isLocationApprovalDue } from '../../domain/login/location-state.ts';
import type { LoginState } from '../../domain/login/state.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Recorded } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { streams } from '../streams.ts';
import type { FollowDenial } from './follow-denial.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  followDenial: FollowDenial;
}

export type SettleLogin = (request: { loginId: string }, context: Context) => Promise<{ denied: boolean }>;

/**
 * Brings sessions, devices and the password in line with what was decided about a login. Whoever has changed the one or
 * the other calls it, so that no order of events leaves a session that should not be. Safe to repeat, long after too.
 */
export function settleLogin(deps: Dependencies): SettleLogin {
  const handle = commandHandler(deps, sessions);
  return async ({ loginId }, context) => {
    for (;;) {
      const { events, revision } = await deps.eventStore.readStream(streams.login(loginId));
      const state = events.map(({ event }) => event as LoginEvent).reduce(login.evolve, login.initialState);
      const denial = events.find(isDenialByUser);
      if (denial && state.status !== 'unknown') await deps.followDenial({ ...state, denial }, context);
      else if (!(await holdBackOrLetGo(state, context))) return { denied: false };
      // What was done rests on what was read: decided otherwise meanwhile, it is put right.
      const after = await deps.eventStore.readStream(streams.login(loginId));
      if (after.revision === revision) return { denied: denial !== undefined };
    }
  };

  async function holdBackOrLetGo(state: LoginState, context: Context): Promise<boolean> {
    if (state.status !== 'completed') return false;
    const { userId, loginId, location } = state;
    const isDue = isLocationApprovalDue(location);
    if (!isDue && location.check !== 'approved') return false;
    const type = isDue ? ('SuspendSession' as const) : ('ResumeSession' as const);
    const handled = await handle(streams.sessions(userId), { type, loginId, now: deps.clock() }, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
    return true;
  }
}

function isDenialByUser({ event }: Recorded): boolean {
  return event.type === 'LoginDenied' && event.data.reason === 'denied-by-user';
}
