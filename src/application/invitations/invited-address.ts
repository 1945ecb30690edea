import type { EventOf } from '../../domain/events.ts';
import type { EventStore, PersonalData, Recorded } from '../ports.ts';
import { streams } from '../streams.ts';

/** The address that the round `tokenId` of an invitation went to; `undefined` once it is erased. */
export async function invitedAddress(
  deps: { readonly eventStore: Pick<EventStore, 'readStream'>; readonly personalData: Pick<PersonalData, 'open'> },
  { invitationId, tokenId }: { invitationId: string; tokenId: string },
): Promise<string | undefined> {
  const { events } = await deps.eventStore.readStream(streams.invitation(invitationId));
  const issued = events.find(
    (recorded): recorded is Recorded<EventOf<'InvitationIssued'>> =>
      recorded.event.type === 'InvitationIssued' && recorded.event.data.tokenId === tokenId,
  );
  return issued && ((await deps.personalData.open(issued)).event.data.email ?? undefined);
}
