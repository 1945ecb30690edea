import type { Place } from '../../domain/geo-check/events.ts';

/** “Berlin, Germany”, as far as it is known. */
export function placeName({ city, country }: Pick<Place, 'city' | 'country'>): string {
  const name = countryName(country);
  return city === null ? name : `${city}, ${name}`;
}

function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'region' }).of(code) ?? code;
  } catch {
    // A provider may have codes of its own.
    return code;
  }
}
