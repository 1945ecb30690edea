import { DomainError } from '../../domain/errors.ts';
import { isGranted } from '../../domain/permissions.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Directory } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';

const permission = 'user.manage';

interface Dependencies extends CommandHandling {
  directory: Pick<Directory, 'session'>;
  clock: Clock;
  cacheSessions: CacheSessions;
}

interface Caller {
  readonly userId: string;
  /** The team that the caller's session is in. */
  readonly teamId: string;
}

export type EndSession = (
  request: { caller: Caller; sessionId: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/**
 * Ends a session of one's own, or of a member in the team of the caller's session. Read models say only whose session
 * it is; whether it may be ended is decided by the streams. Any other session does not exist for the caller.
 */
export function endSession(deps: Dependencies): EndSession {
  const loadSessions = streamLoader(deps, sessions);
  const loadTeam = streamLoader(deps, team);
  const handle = commandHandler(deps, sessions);

  return async ({ caller, sessionId }, context) => {
    const now = deps.clock();
    const own = await loadSessions(streams.sessions(caller.userId));
    if (sessionIn(own.state, sessionId) !== undefined) {
      return end(caller.userId, { type: 'RevokeSession', sessionId, reason: 'by-user', now }, context);
    }
    const userId = await memberWithSession(caller, sessionId);
    const { teamId } = caller;
    return end(userId, { type: 'RevokeSession', sessionId, teamId, reason: 'by-admin', now }, context);
  };

  async function memberWithSession(caller: Caller, sessionId: string): Promise<string> {
    const found = await deps.directory.session(sessionId);
    if (found === undefined || found.userId === caller.userId || found.teamId !== caller.teamId) {
      throw new DomainError('not-found');
    }
    const { state } = await loadTeam(streams.team(caller.teamId));
    const role = memberRole(state, caller.userId);
    if (role === undefined || memberRole(state, found.userId) === undefined) throw new DomainError('not-found');
    if (!isGranted(role.grants, permission)) throw new DomainError('permission-missing', { permission });
    return found.userId;
  }

  async function end(userId: string, command: Parameters<typeof handle>[1], context: Context) {
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
    return { position: handled.position };
  }
}
