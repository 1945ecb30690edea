import { installationName } from '../../domain/invitation/events.ts';
import { user } from '../../domain/user/decide.ts';
import { barOf } from '../../domain/user/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { recipientOf } from '../emails/email-recipient.ts';
import type { EventStore, PersonalData } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Readers {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly personalData: Pick<PersonalData, 'open'>;
}

/** `null` once the inviter is erased; `invitedBy` is `null` where the installation itself invites. */
export async function inviterName(deps: Readers, invitedBy: string | null): Promise<string | null> {
  if (invitedBy === null) return installationName;
  return (await recipientOf(deps, invitedBy))?.name ?? null;
}

/** Whether the account is locked or deactivated at present: what rests on its rights is not honoured meanwhile. */
export function inviterIsBarred(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>) {
  const load = streamLoader(deps, user);
  return async (invitedBy: string | null): Promise<boolean> =>
    invitedBy !== null && barOf((await load(streams.user(invitedBy))).state) !== undefined;
}
