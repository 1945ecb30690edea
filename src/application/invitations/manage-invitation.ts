import { DomainError } from '../../domain/errors.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { RequirePermission } from '../teams/require-permission.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePermission: RequirePermission;
}

/** `userId` is whoever asks. */
interface Request {
  teamId: string;
  invitationId: string;
  userId: string;
}

export type ResendInvitation = (
  request: Request,
  context: Context,
) => Promise<{ expiresAt: string; position: bigint | undefined }>;

/** Mails the same link again; it stays good until when it was. */
export function resendInvitation(deps: Dependencies): ResendInvitation {
  const handle = commandHandler(deps, invitation);
  const find = invitationOfTeam(deps);
  return async (request, context) => {
    const stream = await find(request);
    const command = { type: 'ResendInvitation', resentBy: request.userId, now: deps.clock() } as const;
    const { state, position } = await handle(stream, command, context);
    if (state.status === 'none') throw new DomainError('invitation-not-found');
    return { expiresAt: state.expiresAt, position };
  };
}

export type RevokeInvitation = (request: Request, context: Context) => Promise<{ position: bigint | undefined }>;

/** The link is good no more. Throws `invitation-used` when the person was faster. */
export function revokeInvitation(deps: Dependencies): RevokeInvitation {
  const handle = commandHandler(deps, invitation);
  const find = invitationOfTeam(deps);
  return async (request, context) => {
    const stream = await find(request);
    const command = { type: 'RevokeInvitation', revokedBy: request.userId, now: deps.clock() } as const;
    const { position } = await handle(stream, command, context);
    return { position };
  };
}

/** The stream of an invitation, for somebody who may invite; another team's invitation is not there. */
function invitationOfTeam(deps: Dependencies) {
  const load = streamLoader(deps, invitation);
  return async ({ teamId, invitationId, userId }: Request): Promise<string> => {
    await deps.requirePermission({ teamId, userId, permission: 'team.invite' });
    const stream = streams.invitation(invitationId);
    const { state } = await load(stream);
    if (state.status === 'none' || state.teamId !== teamId) throw new DomainError('invitation-not-found');
    return stream;
  };
}
