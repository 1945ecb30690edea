import { DomainError } from '../../domain/errors.ts';
import type { EventOf } from '../../domain/events.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import type { AcceptanceFailure } from '../../domain/invitation/events.ts';
import { commandHandler } from '../command-handler.ts';
import type { Clock, Context, Recorded } from '../ports.ts';
import { streams } from '../streams.ts';
import { teamCommand, type TeamCommandHandling } from '../teams/team-command.ts';
import { inviterIsBarred } from './inviter.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
}

/** How an acceptance ended; `undefined` where this round was not accepted. */
export type AcceptanceOutcome =
  | { readonly kind: 'joined'; readonly position: bigint | undefined }
  | { readonly kind: 'failed'; readonly reason: AcceptanceFailure };

export type CompleteAcceptance = (
  request: { invitationId: string; tokenId: string },
  context: Context,
) => Promise<AcceptanceOutcome | undefined>;

/**
 * Takes the person in who has accepted. The team decides, as it is at this moment; a refusal is recorded with its
 * reason, and is final. Safe to repeat: nobody who has left since is taken in again.
 */
export function completeAcceptance(deps: Dependencies): CompleteAcceptance {
  const handleTeam = teamCommand(deps);
  const handleInvitation = commandHandler(deps, invitation);
  const isBarred = inviterIsBarred(deps);

  return async ({ invitationId, tokenId }, context) => {
    const { eventStore, clock } = deps;
    const { events } = await eventStore.readStream(streams.invitation(invitationId));
    const accepted = find(events, 'InvitationAccepted', tokenId);
    if (accepted === undefined) return undefined;
    const failed = find(events, 'InvitationAcceptanceFailed', tokenId);
    if (failed !== undefined) return { kind: 'failed', reason: failed.reason };

    const outcome = await join(accepted, context);
    if (outcome.kind === 'joined') return outcome;
    const { userId } = accepted;
    const command = { type: 'FailAcceptance', tokenId, userId, reason: outcome.reason, now: clock() } as const;
    await handleInvitation(streams.invitation(invitationId), command, context);
    return outcome;
  };

  async function join(accepted: EventOf<'InvitationAccepted'>['data'], context: Context): Promise<AcceptanceOutcome> {
    const { teamId, userId, roleId, invitationId, tokenId, invitedBy } = accepted;
    const member = { teamId, userId, roleId, invitationId, tokenId, invitedBy };
    try {
      const inviterBarred = await isBarred(invitedBy);
      const command = { type: 'AddMember', ...member, inviterBarred, now: deps.clock() } as const;
      const { state, position } = await handleTeam(command, context);
      const byThis = state.status === 'open' && state.acceptances.includes(tokenId);
      return byThis ? { kind: 'joined', position } : { kind: 'failed', reason: 'already-member' };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invitation-no-longer-valid') throw error;
      return { kind: 'failed', reason: error.details['reason'] as AcceptanceFailure };
    }
  }
}

type Ending = EventOf<'InvitationAccepted'> | EventOf<'InvitationAcceptanceFailed'>;
type DataOf<Type extends Ending['type']> = Extract<Ending, { type: Type }>['data'];

function find<Type extends Ending['type']>(
  events: readonly Recorded[],
  type: Type,
  tokenId: string,
): DataOf<Type> | undefined {
  const endings = events.map(({ event }) => event as Ending);
  const ending = endings.find((event) => event.type === type && event.data.tokenId === tokenId);
  return ending && (ending.data as DataOf<Type>);
}
