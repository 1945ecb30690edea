import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { call, codeIn, mailTo, newPerson, startLogin, type Answer, type Client, type Grant } from './journey.ts';
import type { Stack } from './stack.ts';

/** What the tests of the journey have in common: people, the steps of their logins, and refusals. */

export const address = () => `ada.${randomUUID().slice(0, 8)}@example.com`;

const lastOctet = { next: 1 };
/** Failures count by address of the client, so each test has its own. */
export const fromElsewhere = () => ({ 'x-forwarded-for': `198.51.100.${lastOctet.next++}` });

export interface Person {
  readonly email: string;
  readonly client: Client;
}

/** Somebody verified, on a device that nobody knows. */
export async function person(stack: Stack): Promise<Person> {
  const email = address();
  await newPerson(stack.client(), email);
  return { email, client: stack.client() };
}

export function expectProblem({ status, body, headers }: Answer, expectedStatus: number, code: string): void {
  const { type, title, requestId } = body;
  expect({ status, type }).toEqual({ status: expectedStatus, type: `urn:problem:${code}` });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect([body['status'], typeof title, requestId]).toEqual([status, 'string', headers.get('x-request-id')]);
}

/** A login up to the code, which has arrived; `more` goes into its first request. */
export async function waitingForCode({ client, email }: Person, more: object = {}) {
  const { body } = await startLogin(client, email, more);
  expect(body['status']).toBe('device-approval-required');
  const { loginId, loginToken } = body as { loginId: string; loginToken: string };
  const code = codeIn(await mailTo(client, email, 'device-code'));
  const path = `/v1/logins/${loginId}`;
  return {
    path,
    loginToken,
    code,
    wrong: code === '000000' ? '000001' : '000000',
    approve: (given: string, bearer = loginToken) =>
      call(client, 'POST', `${path}/device-approval`, { bearer, body: { code: given } }),
    choose: (teamId: string | undefined) =>
      call(client, 'POST', `${path}/team`, { bearer: loginToken, body: { teamId } }),
    look: (bearer = loginToken) => call(client, 'GET', path, { bearer }),
  };
}

export const teamsIn = ({ body }: Answer) => body['teams'] as { teamId: string }[];

export const whoAmI = (client: Client, { accessToken }: Pick<Grant, 'accessToken'>) =>
  call(client, 'GET', '/v1/session', { bearer: accessToken });

export const refresh = (client: Client, refreshToken: string) =>
  call(client, 'POST', '/v1/sessions/refresh', { body: { refreshToken } });

export const positionIn = ({ headers }: Answer): string => headers.get('event-position') ?? expect.fail();
