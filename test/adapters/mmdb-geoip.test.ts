import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Response } from 'maxmind';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mmdbGeoip } from '../../src/adapters/mmdb-geoip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mbauth-mmdb-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const address = '203.0.113.7';
const clock = () => new Date(0);

/** A database that has one record for every address. */
const holding = (record: object | null) => ({ get: () => record as Response | null });

async function fileNamed(name: string, content = 'a database'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function located(record: object | null) {
  const path = await fileNamed('some.mmdb');
  return mmdbGeoip({ path, clock, openDatabase: () => Promise.resolve(holding(record)) }).locate(address);
}

const nothing = { city: null, latitude: null, longitude: null, accuracyKm: null, anonymous: false };

describe('a record', () => {
  it.each<[string, object | null, object | null]>([
    [
      'of MaxMind City',
      {
        country: { iso_code: 'DE', geoname_id: 1 },
        city: { names: { en: 'Berlin', de: 'Berlin' } },
        location: { latitude: 52.5, longitude: 13.4, accuracy_radius: 50 },
      },
      { ...nothing, country: 'DE', city: 'Berlin', latitude: 52.5, longitude: 13.4, accuracyKm: 50 },
    ],
    ['of MaxMind Country', { country: { iso_code: 'FR' } }, { ...nothing, country: 'FR' }],
    ['with only the registered country', { registered_country: { iso_code: 'US' } }, { ...nothing, country: 'US' }],
    [
      'of DB-IP City',
      { country_code: 'JP', city: 'Tokyo', latitude: '35.7', longitude: 139.7 },
      { ...nothing, country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7 },
    ],
    ['with only a country code', { country_code: 'gb' }, { ...nothing, country: 'GB' }],
    [
      'of an anonymising network',
      { country_code: 'NL', traits: { is_anonymous_proxy: true, is_satellite_provider: true } },
      { ...nothing, country: 'NL', anonymous: true },
    ],
    ['without a country', { continent: { code: 'EU' } }, null],
    ['that is not there', null, null],
  ])('%s is read', async (_of, record, place) => {
    expect(await located(record)).toEqual(place);
  });
});

describe('the file', () => {
  it.each([
    ['missing', () => Promise.resolve(join(folder, 'missing.mmdb'))],
    ['damaged', () => fileNamed('damaged.mmdb', 'this is no database')],
  ])('when %s is an outage', async (_how, file) => {
    const geoip = mmdbGeoip({ path: await file(), clock });
    await expect(geoip.locate(address)).rejects.toMatchObject({ name: 'Unavailable', what: 'geo-ip' });
  });

  it('is not opened for addresses that are nowhere', async () => {
    const geoip = mmdbGeoip({ path: join(folder, 'missing.mmdb'), clock });
    expect(await geoip.locate('10.0.0.1')).toBeNull();
  });

  it('is opened once, and again within a minute of being replaced', async () => {
    const path = await fileNamed('replaced.mmdb');
    let now = 0;
    let opened = 0;
    const openDatabase = () => {
      opened += 1;
      return Promise.resolve(holding({ country_code: opened === 1 ? 'DE' : 'FR' }));
    };
    const geoip = mmdbGeoip({ path, clock: () => new Date(now), openDatabase });
    expect(await geoip.locate(address)).toMatchObject({ country: 'DE' });
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(await geoip.locate(address)).toMatchObject({ country: 'DE' });
    now += 60_000;
    expect(await geoip.locate(address)).toMatchObject({ country: 'FR' });
    now += 60_000;
    await geoip.locate(address);
    expect(opened).toBe(2);
  });

  it('that appears later is used from then on', async () => {
    const path = join(folder, 'later.mmdb');
    const geoip = mmdbGeoip({ path, clock, openDatabase: () => Promise.resolve(holding({ country_code: 'DE' })) });
    await expect(geoip.locate(address)).rejects.toMatchObject({ what: 'geo-ip' });
    await fileNamed('later.mmdb');
    expect(await geoip.locate(address)).toMatchObject({ country: 'DE' });
  });
});
