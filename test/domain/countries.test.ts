import { describe, expect, it } from 'vitest';
import { circleOf } from '../../src/domain/countries.ts';
import type { Place } from '../../src/domain/geo-check/events.ts';
import { distanceBetween } from '../../src/domain/login-risk.ts';

const place = (country: string): Place => ({
  country,
  city: null,
  latitude: null,
  longitude: null,
  accuracyKm: null,
  anonymous: false,
});

const at = (latitude: number, longitude: number): Place => ({ ...place('ZZ'), latitude, longitude, accuracyKm: 0 });

/** The codes of ISO 3166-1 among all that two letters can be, as the runtime's own tables know them. */
const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
const letters = Array.from({ length: 26 }, (_, n) => String.fromCharCode(65 + n));
/** Former countries, unions and placeholders that have a name all the same. */
const noCountries =
  'AC AN BU CP CQ CS CT DD DG DY EA EU EZ FQ FX HV IC JT MI NH NQ NT PC PU PZ QO RH SU TA TP UK UN VD WK XA XB YD YU ZR ZZ';
const countries = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter((code) => names.of(code) !== undefined && !noCountries.split(' ').includes(code));

describe('the circle of a country', () => {
  it('is there for every country, and nothing else', () => {
    expect(countries.filter((code) => circleOf(code) === undefined)).toEqual([]);
    expect(noCountries.split(' ').filter((code) => circleOf(code) !== undefined)).toEqual([]);
    expect(circleOf('constructor')).toBeUndefined();
    expect(circleOf('de')).toBeUndefined();
  });

  it('lies on the earth', () => {
    for (const code of countries) {
      const { latitude, longitude, radiusKm } = circleOf(code) ?? { latitude: 99, longitude: 199, radiusKm: 0 };
      expect([code, Math.abs(latitude) <= 90, Math.abs(longitude) <= 180]).toEqual([code, true, true]);
      expect([code, radiusKm >= 10 && radiusKm <= 5000]).toEqual([code, true]);
    }
  });

  it.each<[string, number, number]>([
    ['AU', -42.88, 147.33],
    ['AU', -31.95, 115.86],
    ['BR', -8.06, -34.88],
    ['CA', 48.43, -123.37],
    ['CA', 47.56, -52.71],
    ['CL', -27.15, -109.43],
    ['CL', -18.48, -70.31],
    ['CL', -54.93, -67.61],
    ['CN', 39.47, 75.99],
    ['DE', 54.91, 8.31],
    ['DE', 47.63, 13.0],
    ['EC', -0.74, -90.31],
    ['ES', 28.12, -15.43],
    ['ES', 43.36, -8.41],
    ['FR', 41.93, 8.74],
    ['GB', 60.15, -1.14],
    ['ID', -8.49, 140.4],
    ['IN', 11.62, 92.73],
    ['IT', 35.5, 12.6],
    ['JP', 24.34, 124.16],
    ['KI', 1.87, -157.43],
    ['NO', 70.37, 31.11],
    ['NZ', -43.95, -176.56],
    ['PT', 37.74, -25.67],
    ['RU', 54.71, 20.51],
    ['RU', 64.73, 177.51],
    ['US', 51.88, -176.65],
    ['US', 21.31, -157.86],
    ['US', 24.56, -81.78],
    ['US', 44.9, -66.98],
  ])('%s holds its far town at %d, %d', (code, latitude, longitude) => {
    expect(distanceBetween(place(code), at(latitude, longitude))).toBe(0);
  });

  it.each(
    'DE-FR DE-PL FR-ES PT-ES US-CA US-MX RU-CN RU-UA CN-IN IN-PK BR-AR AR-CL SE-NO IE-GB TR-SY KP-KR ID-MY SG-MY ZA-NA NG-NE'.split(
      ' ',
    ),
  )('of neighbours touch: %s', (pair) => {
    const [one = '', other = ''] = pair.split('-');
    expect(distanceBetween(place(one), place(other))).toBe(0);
  });

  it.each([
    ['DE', 'JP', 9200, 2800],
    ['FR', 'BR', 9000, 4000],
    ['GB', 'AU', 15_000, 4000],
    ['NL', 'NG', 4800, 1300],
    ['PL', 'VN', 8000, 1900],
  ])('%s and %s are as far apart as their edges', (one, other, between, radii) => {
    const distance = distanceBetween(place(one), place(other)) ?? 0;
    expect(distance).toBeGreaterThan(between - radii);
    expect(distance).toBeLessThan(between);
  });
});
