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
import { platformPermission } from '../users/administrator.ts';
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
 * Ends a session of one's own, or of a member in the team of the caller's session; administrators of the platform end
 * anybody's. Read models say only whose session
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
    const theirs = await endable(caller, sessionId);
    return end(theirs.userId, { type: 'RevokeSession', sessionId, ...theirs.within, reason: 'by-admin', now }, context);
  };

  /** Whose session it is, and where it has to be still when it ends. */
  async function endable(caller: Caller, sessionId: string) {
    const { userId, teamId } = caller;
    const found = await deps.directory.session(sessionId);
    const { state } = await loadTeam(streams.team(teamId));
    const role = memberRole(state, userId);
    if (found === undefined || found.userId === userId || role === undefined) throw new DomainError('not-found');
    const isPlatform = state.status === 'open' && state.platform;
    if (isPlatform && isGranted(role.grants, platformPermission)) return { userId: found.userId, within: {} };
    if (found.teamId !== teamId || memberRole(state, found.userId) === undefined) throw new DomainError('not-found');
    if (!isGranted(role.grants, permission)) throw new DomainError('permission-missing', { permission });
    return { userId: found.userId, within: { teamId } };
  }

  async function end(userId: string, command: Parameters<typeof handle>[1], context: Context) {
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
    return { position: handled.position };
  }
}
