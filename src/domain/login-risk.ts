import { circleOf } from './countries.ts';
import type { LoginRiskInputs, LoginRiskSignal, Place, VisitedPlace } from './geo-check/events.ts';
import { hourMs, secondMs } from './time.ts';

/** Raise it with every change of the rule: each verdict says which one it was made by. */
export const loginRiskVersion = 2;

const fastestKmh = 900;
const earthRadiusKm = 6371;
/** For coordinates that come without a radius: about the size of a region. */
const unknownAccuracyKm = 100;

export interface LoginToAssess {
  readonly place: Place | null;
  readonly at: string;
  readonly previous: VisitedPlace | null;
  readonly knownCountries: readonly string[];
}

export interface LoginRisk {
  readonly verdict: 'clear' | 'flagged' | 'unknown';
  readonly ruleVersion: number;
  readonly signals: readonly LoginRiskSignal[];
  readonly inputs: LoginRiskInputs;
}

/** Whether a login comes from where its owner may well be. The first one of a person is never flagged. */
export function assessLogin(login: LoginToAssess): LoginRisk {
  const { place, at, previous, knownCountries } = login;
  const distanceKm = place && previous && distanceBetween(place, previous.place);
  const speedKmh = distanceKm === null || previous === null ? null : speedOver(distanceKm, at, previous.at);
  const signals = place === null ? [] : signalsOf(login, place, speedKmh);
  const verdict = place === null ? 'unknown' : signals.length > 0 ? 'flagged' : 'clear';
  const inputs = { place, at, previous, knownCountries, distanceKm, speedKmh };
  return { verdict, ruleVersion: loginRiskVersion, signals, inputs };
}

function signalsOf(
  { previous, knownCountries }: LoginToAssess,
  place: Place,
  speedKmh: number | null,
): readonly LoginRiskSignal[] {
  if (previous === null && knownCountries.length === 0) return [];
  const found: readonly [LoginRiskSignal, boolean][] = [
    ['new-country', !knownCountries.includes(place.country)],
    ['impossible-travel', speedKmh !== null && speedKmh > fastestKmh],
    ['anonymising-network', place.anonymous],
  ];
  return found.filter(([, applies]) => applies).map(([signal]) => signal);
}

/**
 * Kilometres between the edges of two places: the great circle (haversine) less both radii of accuracy. A place that is
 * no more than a country is the circle around it. `null` within one country that either is no more than, and for a
 * country that nobody knows.
 */
export function distanceBetween(from: Place, to: Place): number | null {
  if (from.country === to.country && !(isPoint(from) && isPoint(to))) return null;
  const [a, b] = [pointOf(from), pointOf(to)];
  if (a === null || b === null) return null;
  const half = (degrees: number) => Math.sin((degrees * Math.PI) / 360) ** 2;
  const cosines = Math.cos((a.latitude * Math.PI) / 180) * Math.cos((b.latitude * Math.PI) / 180);
  const chord = half(a.latitude - b.latitude) + cosines * half(a.longitude - b.longitude);
  const apart = 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chord)));
  return Math.max(0, apart - (a.accuracyKm + b.accuracyKm));
}

function isPoint({ latitude, longitude }: Place): boolean {
  return latitude !== null && longitude !== null;
}

function pointOf({ country, latitude, longitude, accuracyKm }: Place) {
  if (latitude === null || longitude === null) {
    const circle = circleOf(country);
    return circle ? { ...circle, accuracyKm: circle.radiusKm } : null;
  }
  return { latitude, longitude, accuracyKm: accuracyKm ?? unknownAccuracyKm };
}

/** Whichever of the two was first: clocks differ, and a late check may compare with a later login. */
function speedOver(distanceKm: number, at: string, otherAt: string): number {
  const elapsedMs = Math.max(Math.abs(Date.parse(at) - Date.parse(otherAt)), secondMs);
  return distanceKm / (elapsedMs / hourMs);
}
