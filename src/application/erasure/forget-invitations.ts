import type { Directory, EventStore, PersonalData } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies {
  eventStore: Pick<EventStore, 'readStream'>;
  directory: Directory;
  personalData: PersonalData;
}

export type ForgetInvitations = (request: { emailHash: string; position: bigint }) => Promise<void>;

/** Each round of an invitation has a key of its own, which the address it went to is sealed under. */
export function forgetInvitations({ eventStore, directory, personalData }: Dependencies): ForgetInvitations {
  return async ({ emailHash, position }) => {
    for (const invitationId of await directory.invitationsTo(emailHash, position)) {
      const { events } = await eventStore.readStream(streams.invitation(invitationId));
      for (const { event } of events) {
        if (event.type === 'InvitationIssued') await personalData.destroyKey(`invitation-${event.data.tokenId}`);
      }
    }
  };
}
