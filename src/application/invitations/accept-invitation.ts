import { DomainError } from '../../domain/errors.ts';
import { acceptanceRefused } from '../../domain/invitation/link.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CompleteAcceptance } from './complete-acceptance.ts';
import type { GoodInvitation, InvitationOfToken } from './invitation-of-token.ts';
import type { RegisterInvited } from './register-invited.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  invitationOfToken: InvitationOfToken;
  registerInvited: RegisterInvited;
  completeAcceptance: CompleteAcceptance;
}

export interface AcceptedInvitation {
  readonly userId: string;
  readonly teamId: string;
  readonly teamName: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly position: bigint | undefined;
}

export type AcceptAsNewPerson = (
  request: { token: string; name: string; password: string; deviceToken: string },
  context: Context,
) => Promise<AcceptedInvitation>;

/** The account and the membership at once. Throws `sign-in-to-accept` for an address that has an account. */
export function acceptAsNewPerson(deps: Dependencies): AcceptAsNewPerson {
  return async ({ token, ...person }, context) => {
    const good = await deps.invitationOfToken(token);
    const userId = await deps.registerInvited({ ...person, ...good }, context);
    return outcomeOf(deps, good, userId, { ...context, actor: { kind: 'user', userId } });
  };
}

export type AcceptAsUser = (
  request: { token: string; userId: string },
  context: Context,
) => Promise<AcceptedInvitation>;

/** Throws `invitation-for-another-address` unless the account has the address that was invited. */
export function acceptAsUser(deps: Dependencies): AcceptAsUser {
  const loadUser = streamLoader(deps, user);
  const handle = commandHandler(deps, invitation);
  return async ({ token, userId }, context) => {
    const good = await deps.invitationOfToken(token);
    const { state } = await loadUser(streams.user(userId));
    const { invitationId, tokenId } = good.invitation;
    if (state.status !== 'active') throw new DomainError('invitation-for-another-address');
    const { emailHash } = state;
    const accept = { type: 'AcceptInvitation', tokenId, userId, emailHash, now: deps.clock() } as const;
    await handle(streams.invitation(invitationId), accept, context);
    return outcomeOf(deps, good, userId, context);
  };
}

async function outcomeOf(
  { completeAcceptance }: Dependencies,
  { invitation: { invitationId, tokenId, teamId }, team, role }: GoodInvitation,
  userId: string,
  context: Context,
): Promise<AcceptedInvitation> {
  const outcome = await completeAcceptance({ invitationId, tokenId }, context);
  if (outcome === undefined) throw new Error('an invitation is completed before it is accepted');
  if (outcome.kind === 'failed') throw acceptanceRefused(outcome.reason);
  const { position } = outcome;
  return { userId, teamId, teamName: team.name, roleId: role.roleId, roleName: role.name, position };
}
