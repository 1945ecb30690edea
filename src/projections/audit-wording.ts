import type { EventOf, EventType } from '../domain/events.ts';

/** Names where they are known, else ids. */
export interface Wording {
  readonly user: (userId: string) => string;
  readonly team: (teamId: string) => string;
  readonly role: (roleId: string) => string;
  /** Whoever did it, at the beginning of a sentence. */
  readonly actor: () => string;
}

export type Sentence<Type extends EventType> = (data: EventOf<Type>['data'], say: Wording) => string;
