import type { VisitedPlace } from '../geo-check/events.ts';

/**
 * Stored forever in `places-<userId>`: where a person logs in from. Each event holds all that is remembered, so that only
 * the newest one has to be opened. Personal fields are `null` once the person is erased.
 */
export interface PlacesEvent {
  type: 'LoginPlaceRecorded';
  data: {
    userId: string;
    loginId: string;
    /** The newest login by its own time, which is not always the one that is recorded here. */
    last: VisitedPlace | null;
    /** ISO 3166-1 alpha-2, in alphabetical order. */
    countries: readonly string[] | null;
    at: string;
  };
}
