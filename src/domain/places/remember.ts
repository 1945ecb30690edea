import type { VisitedPlace } from '../geo-check/events.ts';
import type { PlacesEvent } from './events.ts';

/** What is remembered of a person's logins; nothing before the first, and nothing of somebody erased. */
export interface KnownPlaces {
  readonly last: VisitedPlace | null;
  readonly countries: readonly string[];
}

export const nowhere: KnownPlaces = { last: null, countries: [] };

interface Visit {
  readonly userId: string;
  readonly loginId: string;
  readonly visit: VisitedPlace;
  readonly now: Date;
}

/** A late verdict may tell of a login before the last one: that adds its country, and leaves the last one in place. */
export function remember({ last, countries }: KnownPlaces, { userId, loginId, visit, now }: Visit): PlacesEvent {
  const isNewest = last === null || last.at <= visit.at;
  const known = [...new Set([...countries, visit.place.country])].sort();
  return {
    type: 'LoginPlaceRecorded',
    data: { userId, loginId, last: isNewest ? visit : last, countries: known, at: now.toISOString() },
  };
}
