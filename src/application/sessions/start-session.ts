import { sessions, type SessionsCommand } from '../../domain/sessions/decide.ts';
import { isRunning, sessionIn, type KnownSession } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { TeamOfSession } from './team-of-session.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  teamOfSession: TeamOfSession;
  sessionSettings: { maxSessions: number };
}

type Start = Extract<SessionsCommand, { type: 'StartSession' }>;

export interface StartedSession {
  readonly session: KnownSession;
  readonly position: bigint;
}

/** Answers `undefined` where the session has ended, or its person is no member of the team any more. */
export type StartSession = (
  request: Omit<Start, 'type' | 'idleTimeoutSeconds' | 'maxSessions'>,
  context: Context,
) => Promise<StartedSession | undefined>;

/**
 * Starts a session with the idle timeout of its team. What happens to the team at the same moment counts too: a removal
 * and a new timeout reach the sessions that they find, and this one may have started since. Safe to repeat.
 */
export function startSession(deps: Dependencies): StartSession {
  const handle = commandHandler(deps, sessions);

  return async (request, context) => {
    const { maxSessions } = deps.sessionSettings;
    const before = await deps.teamOfSession(request);
    if (before.kind === 'no-member') return end(request, before.reason, context);
    const { idleTimeoutSeconds } = before.in;
    const command = { type: 'StartSession', ...request, maxSessions, idleTimeoutSeconds } as const;
    const started = await carryOut(request.userId, command, context);
    const position = started.position ?? 0n;

    for (let { state } = started; ;) {
      const session = sessionIn(state, request.sessionId);
      if (session === undefined || !isRunning(session)) return undefined;
      // Gone on in another team since: a repeated step has no say in that.
      if (session.teamId !== request.teamId) return { session, position };
      const after = await deps.teamOfSession(request);
      if (after.kind === 'no-member') return end(request, after.reason, context);
      if (after.in.idleTimeoutSeconds === session.idleTimeoutSeconds) return { session, position };
      const policy = { type: 'ApplySessionPolicy', ...after.in, now: deps.clock() } as const;
      ({ state } = await carryOut(request.userId, policy, context));
    }
  };

  async function end(
    { userId, sessionId, teamId }: Parameters<StartSession>[0],
    reason: 'member-removed' | 'team-closed',
    context: Context,
  ): Promise<undefined> {
    const command = { type: 'LeaveTeam', teamId, sessionId, to: null, reason, now: deps.clock() } as const;
    await carryOut(userId, command, context);
  }

  async function carryOut(userId: string, command: SessionsCommand, context: Context) {
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled);
    return handled;
  }
}
