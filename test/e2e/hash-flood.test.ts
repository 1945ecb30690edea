import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, logIn, newPerson, startLogin } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

/** A check takes a quarter of a second on one core, so that two clients alone keep it busy. */
const cost = 12;
const queue = 4;
const clients = 12;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ env: { BCRYPT_COST: String(cost), HASH_QUEUE: String(queue) } });
});
afterAll(() => stack.stop());

/** Each from an address of its own, since one address may not fail for ever. */
function strangersLogin(number: number) {
  const body = { email: `${randomUUID()}@example.com`, password: 'a river under the old bridge' };
  const headers = { 'x-forwarded-for': `198.51.${(number >> 8) & 255}.${number & 255}` };
  return call(stack.client(), 'POST', '/v1/logins', { body, headers });
}

it('a flood of logins is told to come back, while sessions and probes are served in between', async () => {
  const owner = stack.client();
  const email = `${randomUUID()}@example.com`;
  await newPerson(owner, email);
  const { accessToken: bearer } = await logIn(owner, email);

  let [number, checked, flooding] = [0, 0, true];
  const refused: { status: number; retryAfter: string | null; type: unknown }[] = [];
  const flood = Array.from({ length: clients }, async () => {
    while (flooding) {
      const { status, headers, body } = await strangersLogin((number += 1));
      if (status === 401) checked += 1;
      else refused.push({ status, retryAfter: headers.get('retry-after'), type: body['type'] });
    }
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await call(owner, 'GET', '/livez');
  };
  await until(() => refused.length >= clients);

  const [checkedBefore, refusedBefore] = [checked, refused.length];
  const served = 60;
  for (let round = 0; round < served / 2; round++) {
    const [session, alive] = [await call(owner, 'GET', '/v1/session', { bearer }), await call(owner, 'GET', '/livez')];
    expect([session.status, alive.status]).toEqual([200, 200]);
  }
  const [checkedMeanwhile, refusedMeanwhile] = [checked - checkedBefore, refused.length - refusedBefore];
  flooding = false;
  await Promise.all(flood);

  // Whatever the machine: served one after the other, they took less than so many password checks each.
  expect(checkedMeanwhile).toBeLessThan(served);
  expect(refusedMeanwhile).toBeGreaterThan(0);
  for (const { status, retryAfter, type } of refused) {
    expect({ status, type }).toEqual({ status: 503, type: 'urn:problem:password-hashing-busy' });
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
  expect((await startLogin(owner, email)).status).toBe(200);
});
