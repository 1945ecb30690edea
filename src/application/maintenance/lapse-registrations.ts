import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Directory } from '../ports.ts';
import { streams } from '../streams.ts';

const lapseDays = 7;
const pageSize = 500;

interface Dependencies extends CommandHandling {
  directory: Directory;
  clock: Clock;
}

export type LapseRegistrations = (request: object, context: Context) => Promise<void>;

/** Gives up on addresses that nobody verified in time; `forgetRegistration` follows from each event. */
export function lapseRegistrations(deps: Dependencies): LapseRegistrations {
  const handle = commandHandler(deps, user);
  return async (_request, context) => {
    const now = deps.clock();
    const before = new Date(now.getTime() - lapseDays * 86_400_000);
    const page = await deps.directory.lapsedRegistrations(before, pageSize);
    for (const { userId } of page) {
      await handle(streams.user(userId), { type: 'LapseRegistration', userId, now }, context);
    }
  };
}
