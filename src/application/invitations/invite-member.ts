import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { DomainError } from '../../domain/errors.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { missingToGrant } from '../../domain/permissions.ts';
import { mayInviteInto } from '../../domain/team/add-member.ts';
import { roleIn } from '../../domain/team/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import type { RequirePermission } from '../teams/require-permission.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  requirePermission: RequirePermission;
}

export interface Invited {
  readonly invitationId: string;
  readonly expiresAt: string;
  readonly position: bigint | undefined;
}

export type InviteMember = (
  request: { teamId: string; userId: string; email: string; roleId: string },
  context: Context,
) => Promise<Invited>;

/**
 * Invites an address, whether or not it has an account: nothing here looks. An invitation of this address that is open
 * is replaced, and its link is good no more.
 */
export function inviteMember(deps: Dependencies): InviteMember {
  const handle = commandHandler(deps, invitation);
  return async ({ teamId, userId, email: given, roleId }, context) => {
    const { tokens, newId, clock, requirePermission } = deps;
    const { team, role: own } = await requirePermission({ teamId, userId, permission: 'team.invite' });
    const role = roleIn(team, roleId);
    if (role === undefined) throw new DomainError('role-not-found');
    if (!mayInviteInto(own, role)) {
      throw new DomainError('permission-missing', { permission: missingToGrant(own.grants, role.grants) ?? '*' });
    }
    const email = normaliseEmail(given);
    const emailHash = tokens.emailHash(email);
    const invitationId = tokens.derivedId(teamId, emailHash);
    const about = { invitationId, teamId, roleId, emailHash, email, invitedBy: userId, tokenId: newId() };
    const { state, position } = await handle(
      streams.invitation(invitationId),
      { type: 'IssueInvitation', ...about, now: clock() },
      context,
    );
    if (state.status === 'none') throw new Error('an invitation that was issued is there');
    return { invitationId, expiresAt: state.expiresAt, position };
  };
}
