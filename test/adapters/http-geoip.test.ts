import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpGeoip } from '../../src/adapters/http-geoip.ts';
import { isPublicAddress } from '../../src/adapters/public-address.ts';
import { startGeoipSandbox, type GeoipSandbox } from '../../src/embedded/geoip-sandbox/start-geoip-sandbox.ts';

const berlin = '203.0.113.7';
let sandbox: GeoipSandbox;

beforeAll(async () => {
  sandbox = await startGeoipSandbox({ port: 0 });
});
afterAll(() => sandbox.close());

const tell = (path: string, body: object) =>
  fetch(sandbox.url + path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

beforeEach(async () => {
  await tell('/__control', { mode: 'ok' });
  await tell('/__control/answers', {
    [berlin]: { country: 'DE', latitude: 52.5, longitude: 13.4, accuracyKm: 50 },
    '2001:db8::7': { country: 'JP', city: 'Tokyo', anonymous: true },
  });
});

describe('a Geo-IP service', () => {
  it('tells where an address is, as near as it knows', async () => {
    const geoip = httpGeoip({ apiUrl: `${sandbox.url}/` });
    expect(await geoip.locate(berlin)).toEqual({
      country: 'DE',
      city: null,
      latitude: 52.5,
      longitude: 13.4,
      accuracyKm: 50,
      anonymous: false,
    });
    expect(await geoip.locate('2001:db8::7')).toEqual({
      country: 'JP',
      city: 'Tokyo',
      latitude: null,
      longitude: null,
      accuracyKm: null,
      anonymous: true,
    });
  });

  it('knows nothing of an address that it has not heard of', async () => {
    expect(await httpGeoip({ apiUrl: sandbox.url }).locate('203.0.113.8')).toBeNull();
  });

  it("is not asked about addresses that are nobody else's business", async () => {
    await tell('/__control', { mode: 'fail' });
    const geoip = httpGeoip({ apiUrl: sandbox.url });
    for (const ip of ['127.0.0.1', '10.1.2.3', '192.168.0.9', '::1', 'fd00::1', '::ffff:172.16.0.1', 'unknown']) {
      expect(await geoip.locate(ip)).toBeNull();
      expect(isPublicAddress(ip)).toBe(false);
    }
  });

  it.each([
    ['fails', { mode: 'fail' }],
    ['refuses the token', { mode: 'fail', status: 401 }],
    ['is out of queries', { mode: 'fail', status: 429 }],
    ['answers with something else', { mode: 'garbage' }],
    ['does not answer', { mode: 'hang' }],
    ['answers too late', { mode: 'slow', delayMs: 5000 }],
  ])('is unavailable when it %s', async (_what, mode) => {
    await tell('/__control', mode);
    const before = performance.now();
    await expect(httpGeoip({ apiUrl: sandbox.url }).locate(berlin)).rejects.toMatchObject({
      name: 'Unavailable',
      what: 'geo-ip',
    });
    expect(performance.now() - before).toBeLessThan(1500);
  });

  it('is unavailable when nobody listens', async () => {
    const gone = await startGeoipSandbox({ port: 0 });
    await gone.close();
    await expect(httpGeoip({ apiUrl: gone.url }).locate(berlin)).rejects.toMatchObject({ what: 'geo-ip' });
  });

  it('is left alone after five outages in a row, and asked again when it is back', async () => {
    await tell('/__control', { mode: 'fail' });
    const geoip = httpGeoip({ apiUrl: sandbox.url });
    for (let outage = 0; outage < 5; outage++) await geoip.locate(berlin).catch(() => undefined);
    expect(geoip.status()).toBe('open');
    await tell('/__control', { mode: 'ok' });
    await expect(geoip.locate(berlin)).rejects.toMatchObject({ what: 'geo-ip' });
    await expect.poll(() => geoip.locate(berlin).catch(() => null), { timeout: 3000 }).toMatchObject({ country: 'DE' });
    expect(geoip.status()).toBe('closed');
  });

  it('refuses to be told what is no answer', async () => {
    expect((await tell('/__control/answers', { 'not an address': { country: 'DE' } })).status).toBe(400);
    expect((await tell('/__control/answers', { [berlin]: { country: 'Germany' } })).status).toBe(400);
    expect((await fetch(`${sandbox.url}/${berlin}`)).status).toBe(200);
  });
});
