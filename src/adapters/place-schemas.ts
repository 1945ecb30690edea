import { z } from 'zod';

const text = z.string();
const time = z.iso.datetime();

/** Where a login came from; coarse, as the provider of places knows it. */
const place = z.strictObject({
  country: z.string().min(1),
  city: text.nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  accuracyKm: z.number().nullable(),
  anonymous: z.boolean(),
});
export const visitedPlace = z.strictObject({ place, at: time });
export const riskSignals = z.array(z.enum(['new-country', 'impossible-travel', 'anonymising-network']));
export const riskInputs = z.strictObject({
  place: place.nullable(),
  at: time,
  previous: visitedPlace.nullable(),
  knownCountries: z.array(text),
  distanceKm: z.number().nullable(),
  speedKmh: z.number().nullable(),
});
