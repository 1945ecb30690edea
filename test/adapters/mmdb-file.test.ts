import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mmdbGeoip } from '../../src/adapters/mmdb-geoip.ts';
import type { GeoIp } from '../../src/application/geo-ip.ts';
import { writeMmdb, type MmdbContent } from '../support/write-mmdb.ts';

let folder: string;
let files = 0;
let now = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mbauth-mmdb-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened(
  content: MmdbContent,
): Promise<{ path: string; locate: (ip: string) => ReturnType<GeoIp['locate']> }> {
  const path = join(folder, `${String((files += 1))}.mmdb`);
  await writeFile(path, writeMmdb(content));
  const geoip = mmdbGeoip({ path, clock: () => new Date(now) });
  return { path, locate: (ip) => geoip.locate(ip) };
}

const berlin = {
  country: { iso_code: 'DE', geoname_id: 2_921_044, names: { en: 'Germany' } },
  city: { names: { de: 'Berlin', en: 'Berlin' } },
  location: { latitude: 52.5196, longitude: 13.4069, accuracy_radius: 20, time_zone: 'Europe/Berlin' },
};
const sydney = {
  country: { iso_code: 'AU' },
  city: { names: { en: 'Sydney' } },
  location: { latitude: -33.8715, longitude: 151.2006, accuracy_radius: 500 },
  traits: { is_anonymous_proxy: true },
};
const cities = {
  type: 'GeoLite2-City',
  ipVersion: 6,
  networks: {
    '203.0.113.0/25': berlin,
    '203.0.113.128/25': sydney,
    '2001:db8:1::/48': sydney,
    '2a00:1450::/32': berlin,
  },
} as const;

describe('a file in the format of MaxMind, read from the disk', () => {
  it('gives cities with their radius, for IPv4 and IPv6, each network up to its edge', async () => {
    const { locate } = await opened(cities);
    const inBerlin = {
      country: 'DE',
      city: 'Berlin',
      latitude: 52.5196,
      longitude: 13.4069,
      accuracyKm: 20,
      anonymous: false,
    };
    const inSydney = {
      country: 'AU',
      city: 'Sydney',
      latitude: -33.8715,
      longitude: 151.2006,
      accuracyKm: 500,
      anonymous: true,
    };
    expect(await locate('203.0.113.0')).toEqual(inBerlin);
    expect(await locate('203.0.113.127')).toEqual(inBerlin);
    expect(await locate('203.0.113.128')).toEqual(inSydney);
    expect(await locate('203.0.113.255')).toEqual(inSydney);
    expect(await locate('2a00:1450:4001:830::200e')).toEqual(inBerlin);
    expect(await locate('2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff')).toEqual(inBerlin);
    expect(await locate('2a00:1451::1')).toBeNull();
    expect(await locate('203.0.114.0')).toBeNull();
    expect(await locate('8.8.8.8')).toBeNull();
  });

  it('gives an IPv4 client that arrives in the form of IPv6 the same place', async () => {
    const { locate } = await opened(cities);
    expect(await locate('::ffff:203.0.113.7')).toEqual(await locate('203.0.113.7'));
    expect(await locate('::ffff:203.0.113.7')).toMatchObject({ city: 'Berlin' });
  });

  it('gives countries without coordinates where it holds no more', async () => {
    const { locate } = await opened({
      type: 'GeoLite2-Country',
      ipVersion: 6,
      networks: {
        '198.51.100.0/24': { country: { iso_code: 'FR' }, registered_country: { iso_code: 'US' } },
        '2a00:1450::/29': { registered_country: { iso_code: 'JP' } },
      },
    });
    const country = { city: null, latitude: null, longitude: null, accuracyKm: null, anonymous: false };
    expect(await locate('198.51.100.20')).toEqual({ ...country, country: 'FR' });
    expect(await locate('2a00:1451::1')).toEqual({ ...country, country: 'JP' });
  });

  it('may hold IPv4 alone, and the flat records of DB-IP', async () => {
    const { locate } = await opened({
      type: 'DBIP-City-Lite',
      ipVersion: 4,
      networks: { '192.0.0.0/10': { country_code: 'nl', city: 'Amsterdam', latitude: 52.37, longitude: 4.9 } },
    });
    expect(await locate('192.1.2.3')).toMatchObject({
      country: 'NL',
      city: 'Amsterdam',
      latitude: 52.37,
      accuracyKm: null,
    });
    expect(await locate('193.1.2.3')).toBeNull();
    expect(await locate('2a00:1450::1')).toBeNull();
  });

  it('is read anew within a minute of being replaced; one that was cut off is an outage until then', async () => {
    const { locate, path } = await opened(cities);
    expect(await locate('203.0.113.7')).toMatchObject({ country: 'DE' });
    await writeFile(path, writeMmdb(cities).subarray(0, 200));
    now += 60_000;
    await expect(locate('203.0.113.7')).rejects.toMatchObject({ name: 'Unavailable', what: 'geo-ip' });
    await writeFile(path, writeMmdb({ ...cities, networks: { '203.0.113.0/24': sydney } }));
    now += 60_000;
    expect(await locate('203.0.113.7')).toMatchObject({ country: 'AU' });
  });
});
