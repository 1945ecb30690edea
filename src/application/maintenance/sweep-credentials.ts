import { user } from '../../domain/user/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Credentials } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** A command that saved credentials has appended its event, or died, long before this. */
const orphanHours = 1;
const pageSize = 500;

interface Dependencies extends CommandHandling {
  credentials: Credentials;
  clock: Clock;
}

export type SweepCredentials = () => Promise<void>;

/** Removes password hashes that no event refers to: the process died between saving the hash and appending the event. */
export function sweepCredentials(deps: Dependencies): SweepCredentials {
  const load = streamLoader(deps, user);
  return async () => {
    const { credentials, clock } = deps;
    const before = new Date(clock().getTime() - orphanHours * 3_600_000);
    let after: string | undefined;
    do {
      const page = await credentials.list(before, after, pageSize);
      for (const { credentialId, userId } of page) {
        const { state } = await load(streams.user(userId));
        const inUse = 'credentialId' in state && state.credentialId === credentialId;
        if (!inUse) await credentials.discard(credentialId);
      }
      after = page.length === pageSize ? page.at(-1)?.credentialId : undefined;
    } while (after !== undefined);
  };
}
