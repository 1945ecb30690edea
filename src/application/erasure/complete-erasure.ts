import { emailAddress } from '../../domain/email-address/decide.ts';
import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Credentials, Directory, PersonalData } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { LeaveTeam } from '../teams/leave-team.ts';
import type { ForgetInvitations } from './forget-invitations.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  credentials: Credentials;
  directory: Directory;
  personalData: PersonalData;
  cacheSessions: CacheSessions;
  leaveTeam: LeaveTeam;
  forgetInvitations: ForgetInvitations;
}

/** `position` of the event that erased the person. */
export type CompleteErasure = (request: { userId: string; position: bigint }, context: Context) => Promise<void>;

/**
 * What follows from an erasure: the sessions end, the address is free, the password hash and the person's key are gone.
 * Safe to repeat, and in this order: the key goes last, so a repeat after a crash still finds what it has to clear.
 */
export function completeErasure(deps: Dependencies): CompleteErasure {
  const load = streamLoader(deps, user);
  const handleSessions = commandHandler(deps, sessions);
  const handleAddress = commandHandler(deps, emailAddress);

  return async ({ userId, position }, context) => {
    const { state } = await load(streams.user(userId));
    if (state.status !== 'erased') return;
    const { emailHash } = state;
    const now = deps.clock();
    const end = { type: 'RevokeAllSessions', exceptSessionId: null, reason: 'account-erased', now } as const;
    await deps.cacheSessions(await handleSessions(streams.sessions(userId), end, context)).catch(onlyAnOutage);
    await leaveTeams(userId, position, context);
    await deps.credentials.remove(userId);
    await deps.forgetInvitations({ emailHash, position });
    const release = { type: 'ReleaseEmailAddress', emailHash, userId, reason: 'person-erased', now } as const;
    await handleAddress(streams.emailAddress(emailHash), release, context);
    await deps.personalData.destroyKey(userId);
  };

  /** Those that were joined between the question and the erasure. */
  async function leaveTeams(userId: string, position: bigint, context: Context): Promise<void> {
    for (const { teamId } of await deps.directory.teamsOf(userId, position)) {
      await deps.leaveTeam({ teamId, userId }, context).catch(unlessOverAnyway);
    }
  }
}

/**
 * Either they have left since the read model looked, or every other Owner left in the same moment: then the team keeps an
 * Owner who is no more, and the platform sees to it.
 */
function unlessOverAnyway(error: unknown): void {
  if (!(error instanceof DomainError) || !['team-not-found', 'last-owner'].includes(error.code)) throw error;
}
