import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from './service.ts';
import { clientAddress } from './stores.ts';

/** Somebody in front of a browser, with a mailbox: to prepare what is measured. */
export interface Client {
  readonly service: Service;
  deviceToken: string | undefined;
}

export interface Grant {
  readonly userId: string;
  readonly teamId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Request {
  readonly body?: object;
  readonly bearer?: string;
}

export const password = 'a river under the old bridge';
/** A busy machine takes long over what is only prepared. */
const patienceMs = 120_000;

/** Comes back when it is told to: what is measured is not how people are made. */
export async function call(
  client: Client,
  method: string,
  path: string,
  request: Request = {},
): Promise<Record<string, unknown>> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const response = await send(client, method, path, request);
    client.deviceToken ??= response.headers.get('x-device-token') ?? undefined;
    const text = await response.text();
    if (response.ok) return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const isBusy = response.status === 503 && performance.now() < deadline;
    if (!isBusy) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    await pause(1000 * Number(response.headers.get('retry-after') ?? 1));
  }
}

const send = ({ service, deviceToken }: Client, method: string, path: string, { body, bearer }: Request) =>
  fetch(service.apiUrl + path, {
    method,
    headers: {
      'x-forwarded-for': clientAddress,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(deviceToken !== undefined && { 'x-device-token': deviceToken }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

/** Into the one team, or the first of theirs; with the code from the mail where the device is not known. */
export async function logIn(client: Client, email: string, into?: string): Promise<Grant> {
  let step = await call(client, 'POST', '/v1/logins', { body: { email, password } });
  const { loginId, loginToken: bearer } = step as { loginId: string; loginToken: string };
  if (step['status'] === 'device-approval-required') {
    const code = await fromMail(client.service, email, 'device-code', /^ *(\d{6})$/m);
    step = await call(client, 'POST', `/v1/logins/${loginId}/device-approval`, { body: { code }, bearer });
  }
  const teamId = into ?? (step['teams'] as { teamId: string }[])[0]?.teamId ?? '';
  const done = await call(client, 'POST', `/v1/logins/${loginId}/team`, { body: { teamId }, bearer });
  const { accessToken, refreshToken, session } = done as unknown as Grant & { session: { userId: string } };
  return { userId: session.userId, teamId, accessToken, refreshToken };
}

/** From the newest mail of a kind, once there are so many of them. */
export async function fromMail(
  { installation }: Service,
  email: string,
  tag: string,
  pattern: RegExp,
  count = 1,
): Promise<string> {
  const url = `${installation.mailboxUrl}/messages?to=${encodeURIComponent(email)}`;
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
    const mails = (await (await fetch(url)).json()) as { Tag: string; TextBody: string }[];
    const found = mails.filter(({ Tag }) => Tag === tag);
    const part = found.length < count ? undefined : pattern.exec(found[0]?.TextBody ?? '')?.[1];
    if (part !== undefined) return part;
    await pause(25);
  }
  throw new Error(`No mail ${tag} reached ${email}.`);
}
