import { personalFieldsOf } from './event-personal-fields.ts';
import { isEventType } from './event-schemas.ts';
import { eventUpcasters, upcast } from './event-upcasters.ts';

/** What the code of this version knows about types of events. */
export const eventKnowledge = {
  knows: (type: string): boolean => isEventType(type),
  personalFieldsOf: (type: string): readonly string[] => (isEventType(type) ? personalFieldsOf(type) : []),
  lift: (type: string, version: number, data: Readonly<Record<string, unknown>>) =>
    upcast(type, version, data, eventUpcasters),
};
