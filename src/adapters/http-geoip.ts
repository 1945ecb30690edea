import { z } from 'zod';

import type { GeoIp } from '../application/geo-ip.ts';
import { Unavailable } from '../application/ports.ts';
import type { Place } from '../domain/geo-check/events.ts';
import { isPublicAddress, plainAddress } from './public-address.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { wholeAnswer } from './whole-answer.ts';

/** Shorter than a login waits for its verdict. */
const timeoutMs = 1000;

const answerSchema = z.object({
  country: z.string().regex(/^[A-Za-z]{2}$/),
  city: z.string().min(1).nullish(),
  latitude: z.number().min(-90).max(90).nullish(),
  longitude: z.number().min(-180).max(180).nullish(),
  accuracyKm: z.number().nonnegative().nullish(),
  anonymous: z.boolean().nullish(),
});

export interface HttpGeoipOptions {
  /** `GET <apiUrl>/<address>` answers with the place, or 404. */
  readonly apiUrl: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
}

/** Asks a Geo-IP service. Anything but a place or 404 within a second is an outage. */
export function httpGeoip({ apiUrl, token }: HttpGeoipOptions): GeoIp & { status: OutageGuard['status'] } {
  const guard = outageGuard('geo-ip');
  const base = apiUrl.replace(/\/+$/, '');
  const headers = { Accept: 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) };

  async function ask(ip: string): Promise<Place | null> {
    const { ok, status, text } = await wholeAnswer(`${base}/${encodeURIComponent(ip)}`, { headers }, timeoutMs);
    if (status === 404) return null;
    if (!ok) throw new Unavailable('geo-ip');
    return placeOf(answerSchema.parse(JSON.parse(text)));
  }

  return {
    status: guard.status,
    // An address of a private network is nowhere, and is nobody else's business.
    locate: (ip) => (isPublicAddress(ip) ? guard.run(() => ask(plainAddress(ip))) : Promise.resolve(null)),
  };
}

function placeOf(answer: z.infer<typeof answerSchema>): Place {
  const { country, city = null, latitude = null, longitude = null, accuracyKm = null, anonymous } = answer;
  const isPoint = latitude !== null && longitude !== null;
  return {
    country: country.toUpperCase(),
    city,
    latitude: isPoint ? latitude : null,
    longitude: isPoint ? longitude : null,
    accuracyKm: isPoint ? accuracyKm : null,
    anonymous: anonymous ?? false,
  };
}
