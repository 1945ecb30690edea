import type { Actor } from '../application/ports.ts';
import type { DomainEvent, EventOf, EventType } from '../domain/events.ts';

type NullableKey<Data> = { [Key in keyof Data]-?: null extends Data[Key] ? Key : never }[keyof Data];

/** Only fields that may be `null` can be personal: that is what they read as after erasure. */
export type PersonalFields = {
  readonly [Type in EventType]?: {
    readonly subject: keyof EventOf<Type>['data'] & string;
    /** Where it is no user: what the subject's id is the id of. */
    readonly of?: 'invitation' | 'erasure';
    readonly fields: readonly (NullableKey<EventOf<Type>['data']> & string)[];
  };
};

/** Which fields of which events tell about a person, and whose key they are encrypted under. */
export const personalFields: PersonalFields = {
  GeoCheckCompleted: { subject: 'userId', fields: ['inputs'] },
  LoginClearedByGeo: { subject: 'userId', fields: ['inputs'] },
  LoginFlagged: { subject: 'userId', fields: ['inputs'] },
  LoginPlaceRecorded: { subject: 'userId', fields: ['last', 'countries'] },
  RegistrationSubmitted: { subject: 'userId', fields: ['email', 'name', 'teamName'] },
  InvitedRegistrationSubmitted: { subject: 'userId', fields: ['email', 'name'] },
  VirtuozzoLinked: { subject: 'userId', fields: ['login'] },
  InvitationIssued: { subject: 'tokenId', of: 'invitation', fields: ['email'] },
  UserErased: { subject: 'receiptId', of: 'erasure', fields: ['email'] },
};

export function personalFieldsOf(type: EventType): readonly string[] {
  return personalFields[type]?.fields ?? [];
}

/**
 * Whose key an event's personal fields and the client it came from are encrypted under; `undefined` where the event is
 * about nobody, and then the client is not kept. Where only the client is personal, it is whoever acted: an
 * administrator's address does not go under the key of the member who was removed.
 */
export function subjectOf(event: DomainEvent, actor: Actor): string | undefined {
  const personal = personalFields[event.type];
  const data: Readonly<Record<string, unknown>> = event.data;
  const person = data[personal?.subject ?? 'userId'] ?? data['createdBy'];
  if (personal !== undefined && typeof person === 'string') return keyOf(personal.of, person);
  if (actor.kind === 'user') return actor.userId;
  if (typeof person === 'string') return person;
  return event.type === 'UnknownLoginFailed' ? `failed_login-${event.data.date}` : undefined;
}

const keyOf = (of: string | undefined, id: string): string => (of === undefined ? id : `${of}-${id}`);
