import { login } from '../../domain/login/decide.ts';
import type { LoginState } from '../../domain/login/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Pause } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** From the moment when the password was found right. */
const patienceMs = 1500;
const [firstGapMs, longestGapMs] = [10, 100];

interface Dependencies extends CommandHandling {
  clock: Clock;
  pause: Pause;
}

export type AwaitVerdict = (
  loginId: string,
  context: Context,
) => Promise<{ state: LoginState; position: bigint | undefined }>;

/**
 * Waits until it is known whether the login comes from where it may come from, and goes on without that when its time
 * is over. Looks at the login's stream again and again: no connection to the database is held meanwhile.
 */
export function awaitVerdict(deps: Dependencies): AwaitVerdict {
  const load = streamLoader(deps, login);
  const handle = commandHandler(deps, login);
  return async (loginId, context) => {
    const { clock, pause } = deps;
    for (let gapMs = firstGapMs; ; gapMs = Math.min(gapMs * 2, longestGapMs)) {
      const loaded = await load(streams.login(loginId));
      if (loaded.state.status === 'unknown' || loaded.state.location.check !== 'pending') return loaded;
      const leftMs = Date.parse(loaded.state.startedAt) + patienceMs - clock().getTime();
      if (leftMs <= 0) break;
      await pause(Math.min(gapMs, leftMs));
    }
    return handle(streams.login(loginId), { type: 'ClearWithoutGeo', reason: 'timeout', now: clock() }, context);
  };
}
