/**
 * Stored forever in `geo_check-<loginId>`: what was found out about the place that a login came from. Times are ISO 8601.
 * `inputs` is personal: everything that the verdict rests on, `null` once the person is erased.
 */
export type GeoCheckEvent =
  | {
      type: 'GeoCheckCompleted';
      data: {
        loginId: string;
        userId: string;
        /** `unknown`: nobody knows where this address is, so there is nothing to judge. */
        verdict: 'clear' | 'flagged' | 'unknown';
        ruleVersion: number;
        signals: readonly LoginRiskSignal[];
        inputs: LoginRiskInputs | null;
        at: string;
      };
    }
  | {
      /** Recorded once, however often the check is tried again. */
      type: 'GeoCheckFailed';
      data: { loginId: string; userId: string; reason: 'provider-down'; at: string };
    };

export type LoginRiskSignal = 'new-country' | 'impossible-travel' | 'anonymising-network';

/** Without coordinates the place is known no nearer than its country. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly city: string | null;
  /** Degrees. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Radius around the coordinates. */
  readonly accuracyKm: number | null;
  /** The provider says that the address hides who uses it: a proxy, a VPN, Tor. */
  readonly anonymous: boolean;
}

export interface VisitedPlace {
  readonly place: Place;
  readonly at: string;
}

export interface LoginRiskInputs {
  readonly place: Place | null;
  readonly at: string;
  /** Where the login before came from. */
  readonly previous: VisitedPlace | null;
  readonly knownCountries: readonly string[];
  /** Between the edges of the two places; `null` where they cannot be told apart, or one of them is not known. */
  readonly distanceKm: number | null;
  readonly speedKmh: number | null;
}
