import { expect, test } from 'vitest';
import { optionsFor, started, temporaryFolder } from './support.ts';

const needs = { postgres: false, redis: false, eventStore: false, mailbox: false };

test('a Geo-IP service is brought up where it is asked for, and knows what it is told', async () => {
  const options = await optionsFor(await temporaryFolder(), { needs: { ...needs, geoip: true } });
  const { geoipUrl = '', processes } = await started(options);
  expect(processes).toEqual([]);
  expect((await fetch(`${geoipUrl}/203.0.113.7`)).status).toBe(404);
  const told = await fetch(`${geoipUrl}/__control/answers`, {
    method: 'PUT',
    body: JSON.stringify({ '203.0.113.7': { country: 'DE', latitude: 52.5, longitude: 13.4, accuracyKm: 50 } }),
    headers: { 'content-type': 'application/json' },
  });
  expect(told.status).toBe(200);
  const answer = await fetch(`${geoipUrl}/203.0.113.7`);
  expect(await answer.json()).toEqual({
    ip: '203.0.113.7',
    country: 'DE',
    latitude: 52.5,
    longitude: 13.4,
    accuracyKm: 50,
  });
});

test('none is brought up where nobody asks for it', async () => {
  const embedded = await started(await optionsFor(await temporaryFolder(), { needs: { ...needs, mailbox: true } }));
  expect(embedded).not.toHaveProperty('geoipUrl');
});
