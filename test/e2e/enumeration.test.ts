import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, mailsTo, mailTo, newPerson, password, register, type Answer } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { address } from './steps.ts';

/*
 * Whether an address has an account must not be told to a stranger by the answer, its headers or a mail. That the work
 * is the same too, and with it the time, shows test/application/equal-work.test.ts.
 */

let stack: Stack;
const confirmed = address();
const pending = address();
const locked = address();

beforeAll(async () => {
  stack = await startStack();
  for (const email of [confirmed, locked]) await newPerson(stack.client(), email);
  await register(stack.client(), pending);
  await mailTo(stack.client(), pending, 'verification');
  for (let failures = 0; failures < 10; failures++) await logIn(locked, 'not the river at all');
  await mailTo(stack.client(), locked, 'account-locked');
});
afterAll(() => stack.stop());

const others = { next: 1 };
/** A stranger with another address of the network each time, so that no limit is reached. */
const from = () => ({ 'x-forwarded-for': `192.0.2.${others.next++}` });

const logIn = (email: string, given: string) =>
  call(stack.client(), 'POST', '/v1/logins', { body: { email, password: given }, headers: from() });

const resend = (email: string) =>
  call(stack.client(), 'POST', '/v1/registrations/resend', { body: { email }, headers: from() });

/** New in every answer, whoever asks. */
const volatile = new Set(['date', 'x-request-id', 'x-device-token', 'event-position']);

/** All that a stranger gets to see, in its order. */
function seen({ status, headers, body }: Answer) {
  const lines = [...headers].map(([name, value]) => {
    if (name === 'set-cookie') return [name, value.replace(/=[\w-]{43};/, '=…;')];
    return [name, volatile.has(name) ? '…' : value];
  });
  return { status, headers: lines, body: { ...body, ...('requestId' in body && { requestId: '…' }) } };
}

describe('registering', () => {
  it('answers alike for an address that is free, waiting or taken', async () => {
    const ofFree = seen(await register(stack.client(), address()));
    expect(ofFree.status).toBe(202);
    expect(seen(await register(stack.client(), pending))).toEqual(ofFree);
    expect(seen(await register(stack.client(), confirmed))).toEqual(ofFree);
    expect(seen(await register(stack.client(), confirmed.toUpperCase()))).toEqual(ofFree);
  });

  it('tells by mail, and only the person whose address it is', async () => {
    const free = address();
    await Promise.all([free, confirmed].map((email) => register(stack.client(), email)));
    await mailTo(stack.client(), free, 'verification');
    await mailTo(stack.client(), confirmed, 'already-registered');
    expect((await mailsTo(stack.client(), free)).map(({ Tag }) => Tag)).toEqual(['verification']);
  });
});

describe('a login that is refused', () => {
  it('answers alike for an unknown address, a wrong password, and a locked account', async () => {
    const ofUnknown = seen(await logIn(address(), password));
    expect(ofUnknown.status).toBe(401);
    expect(seen(await logIn(confirmed, 'not the river at all'))).toEqual(ofUnknown);
    expect(seen(await logIn(pending, 'not the river at all'))).toEqual(ofUnknown);
    expect(seen(await logIn(locked, 'not the river at all'))).toEqual(ofUnknown);
    expect(seen(await logIn(locked, password))).toEqual(ofUnknown);
  });

  it('sends no mail', async () => {
    const [unknown, known] = [address(), address()];
    await newPerson(stack.client(), known);
    const before = await mailsTo(stack.client(), known);
    await logIn(unknown, password);
    await logIn(known, 'not the river at all');
    await newPerson(stack.client(), address()); // what was recorded before has been reacted to
    expect(await mailsTo(stack.client(), unknown)).toEqual([]);
    expect(await mailsTo(stack.client(), known)).toEqual(before);
  });
});

describe('asking for the verification mail again', () => {
  it('answers alike for every address, within the limit and beyond it', async () => {
    const addresses = { unknown: address(), pending, confirmed };
    for (let attempt = 1; attempt <= 5; attempt++) {
      const ofUnknown = seen(await resend(addresses.unknown));
      expect(ofUnknown.status).toBe(202);
      expect(seen(await resend(addresses.pending))).toEqual(ofUnknown);
      expect(seen(await resend(addresses.confirmed))).toEqual(ofUnknown);
    }
  });

  it('says nothing of where in the log the address was last written about', async () => {
    expect((await resend(confirmed)).headers.has('event-position')).toBe(false);
  });
});
