import { login } from '../../domain/login/decide.ts';
import type { LoginState } from '../../domain/login/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Pause } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { Verdicts } from '../verdicts.ts';

/** From the moment when the password was found right. */
const patienceMs = 1500;
/** Between two looks that nobody has asked for. */
const [firstGapMs, longestGapMs] = [50, 100];

interface Dependencies extends CommandHandling {
  clock: Clock;
  pause: Pause;
  verdicts: Verdicts;
}

export type AwaitVerdict = (
  loginId: string,
  context: Context,
) => Promise<{ state: LoginState; position: bigint | undefined }>;

/**
 * Waits until it is known whether the login comes from where it may come from, and goes on without that when its time
 * is over. Looks at the login's stream when a verdict is announced, and now and then: no connection to the database is
 * held meanwhile.
 */
export function awaitVerdict(deps: Dependencies): AwaitVerdict {
  const load = streamLoader(deps, login);
  const handle = commandHandler(deps, login);
  return async (loginId, context) => {
    const { clock, pause, verdicts } = deps;
    const ear = listening(verdicts, loginId);
    try {
      for (let gapMs = firstGapMs; ; gapMs = longestGapMs) {
        ear.expect();
        const loaded = await load(streams.login(loginId));
        if (loaded.state.status === 'unknown' || loaded.state.location.check !== 'pending') return loaded;
        const leftMs = Date.parse(loaded.state.startedAt) + patienceMs - clock().getTime();
        if (leftMs <= 0) break;
        await Promise.race([ear.announcement(), pause(Math.min(gapMs, leftMs))]);
      }
    } finally {
      ear.stop();
    }
    return handle(streams.login(loginId), { type: 'ClearWithoutGeo', reason: 'timeout', now: clock() }, context);
  };
}

/** What is announced while one looks is not missed: `announcement` is there at once. */
function listening(verdicts: Verdicts, loginId: string) {
  let heard: () => void = () => undefined;
  let announced = Promise.resolve();
  const stop = verdicts.listen(loginId, () => {
    heard();
  });
  return {
    stop,
    expect: () => {
      announced = new Promise((resolve) => (heard = resolve));
    },
    announcement: () => announced,
  };
}
