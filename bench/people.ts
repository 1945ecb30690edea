import { setTimeout as pause } from 'node:timers/promises';
import { clientAddress } from './stores.ts';
import type { Service } from './service.ts';
import type { Step, Variables } from './load/job.ts';

/** Somebody registered and verified, on a device that they trust, with a session. */
export interface Person {
  readonly email: string;
  readonly deviceToken: string;
  readonly teamId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const password = 'a river under the old bridge';
const patienceMs = 30_000;
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

async function makePerson(service: Service, email: string): Promise<Person> {
  const client: Client = { service, deviceToken: undefined };
  await call(client, '/v1/registrations', { email, password, name: 'Ada Example', teamName: 'Bridge Works' });
  const token = await fromMail(service, email, 'verification', /token=([\w%-]+)/);
  await call(client, '/v1/registrations/verify', { token: decodeURIComponent(token) });
  let step = await call(client, '/v1/logins', { email, password });
  const { loginId, loginToken } = step as { loginId: string; loginToken: string };
  if (step['status'] === 'device-approval-required') {
    const code = await fromMail(service, email, 'device-code', /^ *(\d{6})$/m);
    step = await call(client, `/v1/logins/${loginId}/device-approval`, { code }, loginToken);
  }
  const teamId = (step['teams'] as { teamId: string }[])[0]?.teamId ?? '';
  const done = await call(client, `/v1/logins/${loginId}/team`, { teamId }, loginToken);
  const { accessToken, refreshToken } = done as { accessToken: string; refreshToken: string };
  return { email, deviceToken: client.deviceToken ?? '', teamId, accessToken, refreshToken };
}

interface Client {
  readonly service: Service;
  deviceToken: string | undefined;
}

/** Comes back when it is told to: what is measured is not how people are made. */
async function call(client: Client, path: string, body: object, bearer?: string): Promise<Record<string, unknown>> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const response = await post(client, path, body, bearer);
    client.deviceToken ??= response.headers.get('x-device-token') ?? undefined;
    const text = await response.text();
    if (response.ok) return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const isBusy = response.status === 503 && performance.now() < deadline;
    if (!isBusy) throw new Error(`${path} answered ${response.status}: ${text}`);
    await pause(1000 * Number(response.headers.get('retry-after') ?? 1));
  }
}

const post = ({ service, deviceToken }: Client, path: string, body: object, bearer?: string): Promise<Response> =>
  fetch(service.apiUrl + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': clientAddress,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(deviceToken !== undefined && { 'x-device-token': deviceToken }),
    },
    body: JSON.stringify(body),
  });

async function fromMail({ installation }: Service, email: string, tag: string, pattern: RegExp): Promise<string> {
  const url = `${installation.mailboxUrl}/messages?to=${encodeURIComponent(email)}`;
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
    const mails = (await (await fetch(url)).json()) as { Tag: string; TextBody: string }[];
    const found = mails.find(({ Tag }) => Tag === tag);
    const part = found && pattern.exec(found.TextBody)?.[1];
    if (part !== undefined) return part;
    await pause(25);
  }
  throw new Error(`No mail ${tag} reached ${email}.`);
}
