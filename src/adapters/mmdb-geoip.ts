import { stat } from 'node:fs/promises';
import { open, type Reader, type Response } from 'maxmind';
import { z } from 'zod';

import type { GeoIp } from '../application/geo-ip.ts';
import { Unavailable, type Clock } from '../application/ports.ts';
import type { Place } from '../domain/geo-check/events.ts';
import { isPublicAddress, plainAddress } from './public-address.ts';

/** How often to look whether the file was replaced. */
const freshMs = 60_000;

const degrees = z.coerce.number();
/** MaxMind's fields, and the flat ones of DB-IP and others. */
const recordSchema = z.object({
  country: z.object({ iso_code: z.string() }).optional(),
  registered_country: z.object({ iso_code: z.string() }).optional(),
  country_code: z.string().optional(),
  city: z.union([z.string(), z.object({ names: z.object({ en: z.string() }).optional() })]).optional(),
  location: z
    .object({ latitude: degrees.optional(), longitude: degrees.optional(), accuracy_radius: z.number().optional() })
    .optional(),
  latitude: degrees.optional(),
  longitude: degrees.optional(),
  traits: z.record(z.string(), z.unknown()).optional(),
});

/** The marks that MaxMind's databases put on networks that hide who uses them. */
const anonymousTraits = [
  'is_anonymous',
  'is_anonymous_proxy',
  'is_anonymous_vpn',
  'is_tor_exit_node',
  'is_public_proxy',
];

interface Opened {
  readonly reader: Pick<Reader<Response>, 'get'>;
  readonly modifiedMs: number;
  readonly lookedAt: number;
}

export interface MmdbGeoipOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly openDatabase?: (path: string) => Promise<Pick<Reader<Response>, 'get'>>;
}

/**
 * Looks places up in a local MMDB file (MaxMind DB 2.0), which may be replaced while the service runs. A file that is
 * missing or damaged is an outage until there is a good one.
 */
export function mmdbGeoip({ path, clock, openDatabase = (file) => open<Response>(file) }: MmdbGeoipOptions): GeoIp {
  let opened: Promise<Opened> | undefined;

  async function fresh(): Promise<Opened> {
    const current = await opened;
    const now = clock().getTime();
    if (current !== undefined && now - current.lookedAt < freshMs) return current;
    const modifiedMs = (await stat(path)).mtimeMs;
    if (current?.modifiedMs === modifiedMs) return { ...current, lookedAt: now };
    return { reader: await openDatabase(path), modifiedMs, lookedAt: now };
  }

  return {
    async locate(ip) {
      if (!isPublicAddress(ip)) return null;
      try {
        opened = fresh();
        const { reader } = await opened;
        return placeOf(reader.get(plainAddress(ip)));
      } catch (error) {
        opened = undefined;
        throw new Unavailable('geo-ip', { cause: error, retryAfterSeconds: 5 });
      }
    },
  };
}

type MmdbRecord = z.infer<typeof recordSchema>;

function placeOf(found: unknown): Place | null {
  if (found === null || found === undefined) return null;
  const record = recordSchema.parse(found);
  const country = countryOf(record);
  if (country === undefined || country === '') return null;
  return {
    country: country.toUpperCase(),
    city: cityOf(record),
    ...pointOf(record),
    anonymous: anonymousTraits.some((trait) => record.traits?.[trait] === true),
  };
}

function countryOf({ country, country_code, registered_country }: MmdbRecord): string | undefined {
  return country?.iso_code ?? country_code ?? registered_country?.iso_code;
}

function cityOf({ city }: MmdbRecord): string | null {
  const name = typeof city === 'string' ? city : city?.names?.en;
  return name === undefined || name === '' ? null : name;
}

function pointOf(record: MmdbRecord): Pick<Place, 'latitude' | 'longitude' | 'accuracyKm'> {
  const latitude = record.location?.latitude ?? record.latitude;
  const longitude = record.location?.longitude ?? record.longitude;
  if (latitude === undefined || longitude === undefined) return { latitude: null, longitude: null, accuracyKm: null };
  return { latitude, longitude, accuracyKm: record.location?.accuracy_radius ?? null };
}
