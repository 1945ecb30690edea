import type { Place } from '../../domain/geo-check/events.ts';

/** “Berlin, Germany”, as far as it is known, with the country in the language; cities are as the provider spells them. */
export function placeName({ city, country }: Pick<Place, 'city' | 'country'>, language: string): string {
  const name = countryName(country, language);
  return city === null ? name : `${city}, ${name}`;
}

function countryName(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: 'region' }).of(code) ?? code;
  } catch {
    // A provider may have codes of its own.
    return code;
  }
}
