import type { EventOf } from '../../domain/events.ts';
import type { EventStore, PersonalData, Recorded } from '../ports.ts';
import { streams } from '../streams.ts';

export interface Recipient {
  readonly email: string;
  readonly name: string | null;
  readonly teamName: string | null;
}

/** Whom to write to; `undefined` once the person is erased. */
export async function recipientOf(
  deps: { readonly eventStore: Pick<EventStore, 'readStream'>; readonly personalData: Pick<PersonalData, 'open'> },
  userId: string,
): Promise<Recipient | undefined> {
  const { events } = await deps.eventStore.readStream(streams.user(userId));
  const submitted = events.find(isSubmission);
  if (submitted === undefined) return undefined;
  const { data } = (await deps.personalData.open(submitted)).event;
  const { email, name } = data;
  return email === null ? undefined : { email, name, teamName: 'teamName' in data ? data.teamName : null };
}

type Submission = EventOf<'RegistrationSubmitted' | 'InvitedRegistrationSubmitted'>;

function isSubmission(recorded: Recorded): recorded is Recorded<Submission> {
  return recorded.event.type === 'RegistrationSubmitted' || recorded.event.type === 'InvitedRegistrationSubmitted';
}
