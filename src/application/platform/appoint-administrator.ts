import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { team } from '../../domain/team/decide.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { FindPlatformOwners } from './find-platform-owners.ts';
import { platformTeamId } from './platform-team-id.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  bootstrapAdminEmail?: string | undefined;
  findPlatformOwners: FindPlatformOwners;
}

export type AppointAdministrator = (request: { userId: string }, context: Context) => Promise<void>;

/**
 * Somebody has verified an address. If it is the one that the installation names, and the platform team has no Owner
 * whose account gives a way in, they are its Owner: the address is what the invitation would have proven.
 */
export function appointAdministrator(deps: Dependencies): AppointAdministrator {
  const loadUser = streamLoader(deps, user);
  const handle = commandHandler(deps, team);
  return async ({ userId }, context) => {
    const { tokens, clock, bootstrapAdminEmail, findPlatformOwners } = deps;
    if (bootstrapAdminEmail === undefined) return;
    const { state } = await loadUser(streams.user(userId));
    if (state.status !== 'active' || state.emailHash !== tokens.emailHash(normaliseEmail(bootstrapAdminEmail))) return;
    const { active, barred } = await findPlatformOwners();
    if (active.length > 0) return;
    const teamId = platformTeamId(tokens);
    const command = { type: 'AppointPlatformOwner', teamId, userId, barredOwners: barred, now: clock() } as const;
    await handle(streams.team(teamId), command, context);
  };
}
