import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/domain/geo-check/events.ts';
import { circleOf } from '../../src/domain/countries.ts';
import { assessLogin, distanceBetween, loginRiskVersion } from '../../src/domain/login-risk.ts';
import { remember, nowhere } from '../../src/domain/places/remember.ts';
import { anyTime, at, moment } from './moments.ts';

const berlin: Place = {
  country: 'DE',
  city: 'Berlin',
  latitude: 52.52,
  longitude: 13.405,
  accuracyKm: 20,
  anonymous: false,
};
const munich: Place = { ...berlin, city: 'Munich', latitude: 48.137, longitude: 11.575 };
const paris: Place = { ...berlin, country: 'FR', city: 'Paris', latitude: 48.857, longitude: 2.352 };
const germany: Place = { ...berlin, city: null, latitude: null, longitude: null, accuracyKm: null };
const france: Place = { ...germany, country: 'FR' };
const japan: Place = { ...germany, country: 'JP' };

const assess = (place: Place | null, previous: Place | null, hours: number, knownCountries = ['DE', 'FR']) =>
  assessLogin({
    place,
    at: at({ hours }),
    previous: previous && { place: previous, at: at() },
    knownCountries: previous === null ? [] : knownCountries,
  });

describe('a login', () => {
  it('is clear at a pace that people travel', () => {
    expect(assess(paris, berlin, 2)).toMatchObject({ verdict: 'clear', signals: [], ruleVersion: loginRiskVersion });
  });

  it('is flagged when it is faster than 900 km/h', () => {
    expect(assess(paris, berlin, 0.5)).toMatchObject({ verdict: 'flagged', signals: ['impossible-travel'] });
  });

  it('is flagged when it is too fast between countries that are known as no more than that', () => {
    const known = ['DE', 'FR', 'JP'];
    expect(assess(japan, germany, 5, known)).toMatchObject({ verdict: 'flagged', signals: ['impossible-travel'] });
    expect(assess(japan, berlin, 5, known)).toMatchObject({ verdict: 'flagged', signals: ['impossible-travel'] });
    expect(assess(japan, germany, 10, known)).toMatchObject({ verdict: 'clear', signals: [] });
    expect(assess(france, germany, 0, known)).toMatchObject({ verdict: 'clear', inputs: { distanceKm: 0 } });
    expect(assess(france, berlin, 2, known)).toMatchObject({ verdict: 'clear' });
  });

  it('is not judged by its pace where nobody knows the country', () => {
    const nowhereInParticular = { ...japan, country: 'ZZ' };
    const { signals, inputs } = assess(nowhereInParticular, germany, 0, ['DE', 'ZZ']);
    expect({ signals, distanceKm: inputs.distanceKm }).toEqual({ signals: [], distanceKm: null });
  });

  it('is flagged in a country that is new to its owner', () => {
    expect(assess(paris, berlin, 48, ['DE'])).toMatchObject({ verdict: 'flagged', signals: ['new-country'] });
    expect(assess(france, germany, 48, ['DE'])).toMatchObject({ verdict: 'flagged', signals: ['new-country'] });
  });

  it('is flagged on a network that hides where people are', () => {
    const hidden = { ...berlin, anonymous: true };
    expect(assess(hidden, berlin, 48)).toMatchObject({ verdict: 'flagged', signals: ['anonymising-network'] });
  });

  it('is neither clear nor flagged where nobody knows its place', () => {
    expect(assess(null, berlin, 1)).toMatchObject({ verdict: 'unknown', signals: [] });
  });

  it('says what the verdict rests on', () => {
    const { inputs } = assess(munich, berlin, 1);
    expect(inputs).toMatchObject({
      place: munich,
      previous: { place: berlin, at: at() },
      knownCountries: ['DE', 'FR'],
    });
    expect(inputs.distanceKm).toBeCloseTo(504 - 40, -1);
    expect(inputs.speedKmh).toBeCloseTo(inputs.distanceKm ?? 0, 6);
  });
});

const coordinates = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  accuracyKm: fc.option(fc.double({ min: 0, max: 2000, noNaN: true })),
});
const country = fc.constantFrom<string[]>('DE', 'FR', 'JP', 'US', 'ZZ');
const point = fc
  .record({ country, anonymous: fc.boolean(), coordinates })
  .map((p): Place => ({ country: p.country, city: null, anonymous: p.anonymous, ...p.coordinates }));
const onlyCountry = country.map((code): Place => ({ ...germany, country: code }));
const anyPlace = fc.oneof(point, onlyCountry);
const unitShare = fc.double({ min: 0, max: 1, noNaN: true });

/** Some way from the centre of a country's circle to its edge. */
function pointIn(code: string, bearing: number, share: number) {
  const { latitude, longitude, radiusKm } = circleOf(code) ?? { latitude: 0, longitude: 0, radiusKm: 0 };
  const [way, from] = [(share * radiusKm) / 6371, (latitude * Math.PI) / 180];
  const to = Math.asin(Math.sin(from) * Math.cos(way) + Math.cos(from) * Math.sin(way) * Math.cos(bearing));
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(way) * Math.cos(from),
    Math.cos(way) - Math.sin(from) * Math.sin(to),
  );
  return { latitude: (to * 180) / Math.PI, longitude: longitude + (east * 180) / Math.PI };
}
const anyVisit = fc.record({ place: anyPlace, at: anyTime });

describe('whatever the places', () => {
  it('the first login is never flagged', () => {
    fc.assert(
      fc.property(anyVisit, ({ place, at: time }) => {
        const { verdict, signals } = assessLogin({ place, at: time, previous: null, knownCountries: [] });
        expect({ verdict, signals }).toEqual({ verdict: 'clear', signals: [] });
      }),
    );
  });

  it('there is as fast as back', () => {
    fc.assert(
      fc.property(anyVisit, anyVisit, (a, b) => {
        const there = assessLogin({ ...b, previous: a, knownCountries: ['DE'] }).inputs;
        const back = assessLogin({ ...a, previous: b, knownCountries: ['DE'] }).inputs;
        expect(there.speedKmh === null).toBe(back.speedKmh === null);
        expect(there.distanceKm ?? 0).toBeCloseTo(back.distanceKm ?? 0, 6);
        expect(there.speedKmh ?? 0).toBeCloseTo(back.speedKmh ?? 0, 3);
      }),
    );
  });

  it('to know no more than the country never makes a way longer', () => {
    const inside = fc.record({ bearing: fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), share: unitShare });
    fc.assert(
      fc.property(
        fc.constantFrom('DE', 'JP', 'US', 'CL', 'FJ'),
        inside,
        anyPlace,
        (code, { bearing, share }, other) => {
          fc.pre(other.country !== code);
          const near = { ...germany, country: code, ...pointIn(code, bearing, share), accuracyKm: 0 };
          const vague = { ...germany, country: code };
          const distance = distanceBetween(near, other);
          if (distance === null) expect(distanceBetween(vague, other)).toBeNull();
          else expect(distanceBetween(vague, other) ?? Number.NaN).toBeLessThanOrEqual(distance + 1e-6);
        },
      ),
    );
  });

  it('a distance is finite, never negative, at most half way round, and less with less precision', () => {
    fc.assert(
      fc.property(point, point, fc.double({ min: 0, max: 5000, noNaN: true }), (a, b, more) => {
        const distance = distanceBetween(a, b) ?? Number.NaN;
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(20_016);
        const vaguer = distanceBetween({ ...a, accuracyKm: (a.accuracyKm ?? 100) + more }, b);
        expect(vaguer).toBeLessThanOrEqual(distance);
      }),
    );
  });

  it('nobody travels within one country that is known as no more than that', () => {
    fc.assert(
      fc.property(onlyCountry, anyPlace, anyTime, anyTime, (vague, other, now, then) => {
        const place = { ...other, country: vague.country };
        const login = { place, at: now, previous: { place: vague, at: then }, knownCountries: [vague.country] };
        expect(assessLogin(login).signals).not.toContain('impossible-travel');
      }),
    );
  });

  it('the verdict survives JSON, and is flagged exactly where there is a signal', () => {
    fc.assert(
      fc.property(anyVisit, anyVisit, fc.uniqueArray(country, { minLength: 1 }), (visit, previous, knownCountries) => {
        const risk = assessLogin({ ...visit, previous, knownCountries });
        expect(JSON.parse(JSON.stringify(risk))).toEqual(JSON.parse(JSON.stringify({ ...risk })));
        expect(Number.isFinite(risk.inputs.speedKmh ?? 0)).toBe(true);
        expect(risk.verdict === 'flagged').toBe(risk.signals.length > 0);
        expect(risk.signals.includes('new-country')).toBe(!knownCountries.includes(visit.place.country));
      }),
    );
  });
});

describe('remembering places', () => {
  const visit = (place: Place, time: string) => ({
    userId: 'ann',
    loginId: 'l',
    visit: { place, at: time },
    now: moment(),
  });

  it('keeps every country, and the last login by its own time', () => {
    const first = remember(nowhere, visit(paris, at({ hours: 2 }))).data;
    const known = { last: first.last, countries: first.countries ?? [] };
    const late = remember(known, visit(berlin, at({ hours: 1 }))).data;
    expect(late).toMatchObject({ last: { place: paris }, countries: ['DE', 'FR'] });
    expect(remember(known, visit(berlin, at({ hours: 3 }))).data.last?.place).toEqual(berlin);
  });
});
