import { call, fromMail, logIn, password, type Client } from './client-calls.ts';
import { clientAddress } from './stores.ts';
import type { Service } from './service.ts';
import type { Step, Variables } from './load/job.ts';

/** Somebody registered and verified, on a device that they trust, with a session. */
export interface Person {
  readonly email: string;
  readonly userId: string;
  readonly deviceToken: string;
  readonly teamId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const atOnce = 8;

/** The steps of a login on a trusted device: the password, the verdict on the place, the team. */
export const loginSteps: readonly Step[] = [
  {
    method: 'POST',
    path: '/v1/logins',
    headers: { 'x-device-token': '{{deviceToken}}', 'x-forwarded-for': clientAddress },
    body: JSON.stringify({ email: '{{email}}', password }),
    expect: 200,
    capture: { loginId: 'loginId', loginToken: 'loginToken' },
  },
  {
    method: 'POST',
    path: '/v1/logins/{{loginId}}/team',
    headers: { authorization: 'Bearer {{loginToken}}', 'x-forwarded-for': clientAddress },
    body: JSON.stringify({ teamId: '{{teamId}}' }),
    expect: 200,
    capture: { accessToken: 'accessToken', refreshToken: 'refreshToken' },
  },
];

export const variablesOf = (person: Person): Variables => ({ ...person });

/** Addresses bear the name of the installation, for the mailbox is shared by all of a run. */
export async function makePeople(service: Service, count: number): Promise<Person[]> {
  const prefix = service.installation.settings['REDIS_PREFIX'] ?? 'ada';
  const people: Person[] = [];
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => first + n);
    people.push(...(await Promise.all(numbers.map((n) => makePerson(service, `${prefix}.${n}@example.com`)))));
  }
  return people;
}

export async function makePerson(service: Service, email: string): Promise<Person> {
  const client: Client = { service, deviceToken: undefined };
  const body = { email, password, name: 'Ada Example', teamName: 'Bridge Works' };
  await call(client, 'POST', '/v1/registrations', { body });
  const token = await fromMail(service, email, 'verification', /token=([\w%-]+)/);
  await call(client, 'POST', '/v1/registrations/verify', { body: { token: decodeURIComponent(token) } }).catch(
    (error: unknown) => {
      // Where the answer came too late and it was asked again.
      if (!String(error).includes('verification-token-used')) throw error;
    },
  );
  const grant = await logIn(client, email);
  return { email, deviceToken: client.deviceToken ?? '', ...grant };
}
