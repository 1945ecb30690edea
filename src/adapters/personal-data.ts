import type { PersonalData, Recorded, Sealed } from '../application/ports.ts';
import type { DomainEvent } from '../domain/events.ts';
import { checked, DamagedEvent } from './event-codec.ts';
import { personalFieldsOf } from './event-personal-fields.ts';
import { openClient, openFields, type SubjectKeys } from './event-sealing.ts';

export function personalData({
  subjectKeys,
}: {
  subjectKeys: Pick<SubjectKeys, 'forOpening'> & { destroy(subject: string): Promise<void> };
}): PersonalData {
  async function openSealed(eventId: string, sealed: Sealed): ReturnType<PersonalData['openFields']> {
    const key = await subjectKeys.forOpening(sealed.subject);
    if (key === undefined) return { data: null, client: null };
    const under = { subject: sealed.subject, eventId, key };
    try {
      return {
        data: sealed.data === undefined ? null : openFields(under, sealed.data),
        client: sealed.client === undefined ? null : openClient(under, sealed.client),
      };
    } catch {
      // The cause would quote what was decrypted.
      throw new DamagedEvent(`The personal fields of event ${eventId} do not open with the key of their subject.`);
    }
  }

  return {
    openFields: openSealed,
    destroyKey: (subject) => subjectKeys.destroy(subject),

    async open<Event extends DomainEvent>(recorded: Recorded<Event>): Promise<Recorded<Event>> {
      if (recorded.sealed === undefined) return recorded;
      const { data, client } = await openSealed(recorded.id, recorded.sealed);
      const { event, context } = recorded;
      return {
        ...recorded,
        event: data === null ? event : ({ type: event.type, data: merged(recorded, data) } as Event),
        context: client === null ? context : { ...context, client },
      };
    },
  };
}

function merged({ id, event }: Recorded, opened: Readonly<Record<string, unknown>>): unknown {
  const personal = personalFieldsOf(event.type).map((field) => [field, opened[field] ?? null]);
  return checked(event.type, id, { ...event.data, ...Object.fromEntries(personal) });
}
