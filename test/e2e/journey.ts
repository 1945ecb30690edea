import { expect } from 'vitest';

/** Talks to a started service as a client and a person with a mailbox would. */
export interface Client {
  readonly apiUrl: string;
  readonly mailboxUrl: string;
  /** Where it says it is, for a service that trusts its proxy. */
  ip?: string;
  /** Kept like a cookie, between requests. */
  deviceToken?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Mail {
  readonly MessageID: string;
  readonly Subject: string;
  readonly TextBody: string;
  readonly HtmlBody: string;
  readonly Tag: string;
}

export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly session: { readonly sessionId: string; readonly teamId: string; readonly userId: string };
}

export const password = 'a river under the old bridge';

export async function call(
  client: Client,
  method: string,
  path: string,
  {
    body,
    form,
    bearer,
    headers = {},
  }: { body?: unknown; form?: Record<string, string>; bearer?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(client.apiUrl + path, {
    method,
    redirect: 'manual',
    headers: { ...headersFor(client, body, bearer), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(form !== undefined && { body: new URLSearchParams(form) }),
  });
  keepDeviceToken(client, response.headers);
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as never) : { text } };
}

const headersFor = ({ ip, deviceToken }: Client, body: unknown, bearer: string | undefined) => ({
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  ...(ip !== undefined && { 'x-forwarded-for': ip }),
  ...(deviceToken !== undefined && { 'x-device-token': deviceToken }),
});

function keepDeviceToken(client: Client, headers: Headers): void {
  client.deviceToken ??= headers.get('x-device-token') ?? undefined;
}

export async function mailsTo(client: Client, email: string): Promise<Mail[]> {
  const response = await fetch(`${client.mailboxUrl}/messages?to=${encodeURIComponent(email)}`);
  return (await response.json()) as Mail[];
}

/** The newest mail with this tag, once there are `count` of them. */
export async function mailTo(client: Client, email: string, tag: string, count = 1): Promise<Mail> {
  return eventually(async () => {
    const mails = (await mailsTo(client, email)).filter((mail) => mail.Tag === tag);
    expect(mails.length).toBeGreaterThanOrEqual(count);
    return mails[0] ?? expect.fail();
  });
}

export async function register(client: Client, email: string): Promise<Answer> {
  const body = { email, password, name: 'Ada Example', teamName: 'Bridge Works' };
  return call(client, 'POST', '/v1/registrations', { body });
}

export const tokenIn = ({ TextBody }: Mail): string =>
  decodeURIComponent(/token=([\w%-]+)/.exec(TextBody)?.[1] ?? expect.fail('no link in the mail'));

export const codeIn = ({ TextBody }: Mail): string => /^ *(\d{6})$/m.exec(TextBody)?.[1] ?? expect.fail('no code');

export async function verify(client: Client, email: string): Promise<Answer> {
  const token = tokenIn(await mailTo(client, email, 'verification'));
  return call(client, 'POST', '/v1/registrations/verify', { body: { token } });
}

export async function startLogin(client: Client, email: string, more: object = {}): Promise<Answer> {
  return call(client, 'POST', '/v1/logins', { body: { email, password, ...more } });
}

/** All the steps of a login, with the code from the mail where one is asked for. */
export async function logIn(client: Client, email: string, more: object = {}): Promise<Grant> {
  const codesBefore = (await codeMailsTo(client, email)).length;
  let step = await startLogin(client, email, more);
  expect(step.status).toBe(200);
  const { loginId, loginToken } = step.body as { loginId: string; loginToken: string };
  const bearer = loginToken;
  if (step.body['status'] === 'device-approval-required') {
    const code = codeIn(await mailTo(client, email, 'device-code', codesBefore + 1));
    step = await call(client, 'POST', `/v1/logins/${loginId}/device-approval`, { bearer, body: { code } });
    expect(step.status).toBe(200);
  }
  const [team] = step.body['teams'] as { teamId: string }[];
  const done = await call(client, 'POST', `/v1/logins/${loginId}/team`, { bearer, body: { teamId: team?.teamId } });
  expect(done.status).toBe(200);
  return done.body as unknown as Grant;
}

const codeMailsTo = async (client: Client, email: string) =>
  (await mailsTo(client, email)).filter(({ Tag }) => Tag === 'device-code');

/** A verified person, as the mailbox link makes one. */
export async function newPerson(client: Client, email: string): Promise<void> {
  expect((await register(client, email)).status).toBe(202);
  expect((await verify(client, email)).status).toBe(204);
}

/** Asks again until it holds, for at most 15 seconds. */
export async function eventually<T>(attempt: () => Promise<T>, deadlineMs = 15_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
