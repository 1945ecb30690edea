import type { EventOf } from '../../domain/events.ts';
import { contextFrom } from '../context.ts';
import type { CompleteAcceptance } from '../invitations/complete-acceptance.ts';
import type { EventStore, Recorded } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CompleteVerification } from './complete-verification.ts';

interface Dependencies {
  eventStore: Pick<EventStore, 'readStream'>;
  completeVerification: CompleteVerification;
  completeAcceptance: CompleteAcceptance;
}

/** `undefined` where there was nothing to finish; else the position that shows it. */
export type FinishJoining = (userId: string) => Promise<bigint | undefined>;

/**
 * A process may die between a person's account and their first team; a reaction makes up for it, but the person may be
 * here before it. So whoever finds them without a team finishes what their registration or their invitation began.
 */
export function finishJoining({ eventStore, completeVerification, completeAcceptance }: Dependencies): FinishJoining {
  return async (userId) => {
    const { events } = await eventStore.readStream(streams.user(userId));
    const verified = find(events, 'EmailVerified');
    if (verified) return (await completeVerification({ userId }, contextFrom(verified))).position;
    const submitted = find(events, 'InvitedRegistrationSubmitted');
    const registered = find(events, 'InvitedUserRegistered');
    if (!submitted || !registered) return undefined;
    const { invitationId, tokenId } = submitted.event.data;
    const outcome = await completeAcceptance({ invitationId, tokenId }, contextFrom(registered));
    return outcome?.kind === 'joined' ? outcome.position : undefined;
  };
}

type Beginning = 'EmailVerified' | 'InvitedRegistrationSubmitted' | 'InvitedUserRegistered';

const find = <Type extends Beginning>(events: readonly Recorded[], type: Type) =>
  events.find((recorded) => recorded.event.type === type) as Recorded<EventOf<Type>> | undefined;
