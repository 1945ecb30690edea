import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { codeIn, eventually, mailsTo, mailTo, password, tokenIn, type Client, type Grant } from './journey.ts';
import { persistently, problemOf } from './persistence.ts';

/** Somebody on the way from the registration to a refreshed session, one step at a time. */
export interface Traveller {
  readonly client: Client;
  readonly email: string;
  /** Whether this client sends an `Idempotency-Key` with what it may have to repeat. */
  readonly withKeys: boolean;
  done: number;
  login?: { readonly loginId: string; readonly loginToken: string; readonly teamId?: string };
  grant?: Grant;
  refreshed?: Grant;
}

const mailPatienceMs = 60_000;
const databasePatienceMs = 60_000;

/** Each completes, however often it has to be tried; what the same client asks next follows from the answer. */
export const steps: readonly ((who: Traveller) => Promise<void>)[] = [
  register,
  verify,
  startLogin,
  approveDevice,
  selectTeam,
  refresh,
  lookAtSession,
];

export async function nextStep(who: Traveller): Promise<void> {
  const step = steps[who.done];
  if (step === undefined) throw new Error(`${who.email} has arrived`);
  await step(who);
  who.done += 1;
}

/** The same for all attempts of one step. */
const keyOf = ({ withKeys }: Traveller): Record<string, string> =>
  withKeys ? { 'idempotency-key': randomUUID() } : {};

async function register(who: Traveller): Promise<void> {
  const body = { email: who.email, password, name: 'Ada Example', teamName: 'Bridge Works' };
  const answer = await persistently(who.client, 'POST', '/v1/registrations', { body, headers: keyOf(who) });
  expect(answer.status).toBe(202);
}

async function verify(who: Traveller): Promise<void> {
  const mail = await eventually(() => mailTo(who.client, who.email, 'verification'), mailPatienceMs);
  const body = { token: tokenIn(mail) };
  const answer = await persistently(who.client, 'POST', '/v1/registrations/verify', { body });
  // Its first answer may be the one that was lost.
  if (answer.status === 409 && answer.attempts > 1) expect(problemOf(answer)).toBe('verification-token-used');
  else expect(answer.status, JSON.stringify(answer.body)).toBe(204);
}

/** On another device than the one that registered, so that a code is asked for. */
async function startLogin(who: Traveller): Promise<void> {
  delete who.client.deviceToken;
  const body = { email: who.email, password };
  const answer = await persistently(who.client, 'POST', '/v1/logins', { body, headers: keyOf(who) });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(answer.body['status']).toBe('device-approval-required');
  who.login = answer.body as unknown as { loginId: string; loginToken: string };
}

/** A login whose answer was lost has sent a code too: whoever holds two mails tries both. */
async function approveDevice(who: Traveller): Promise<void> {
  const { loginId, loginToken } = who.login ?? expect.fail('no login');
  const tried = new Set<string>();
  const answer = await eventually(async () => {
    const mails = (await mailsTo(who.client, who.email)).filter(({ Tag }) => Tag === 'device-code');
    const code = mails.map(codeIn).find((candidate) => !tried.has(candidate)) ?? expect.fail('no code yet');
    const path = `/v1/logins/${loginId}/device-approval`;
    const attempt = await persistently(who.client, 'POST', path, { bearer: loginToken, body: { code } });
    tried.add(code);
    expect(attempt.status, JSON.stringify(attempt.body)).toBe(200);
    return attempt;
  }, mailPatienceMs);
  expect(answer.body['status']).toBe('team-selection-required');
  const [team] = answer.body['teams'] as { teamId: string }[];
  who.login = { loginId, loginToken, teamId: team?.teamId ?? expect.fail('no team') };
}

async function selectTeam(who: Traveller): Promise<void> {
  const { loginId, loginToken, teamId } = who.login ?? expect.fail('no login');
  const path = `/v1/logins/${loginId}/team`;
  const answer = await persistently(who.client, 'POST', path, { bearer: loginToken, body: { teamId } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  who.grant = answer.body as unknown as Grant;
}

async function refresh(who: Traveller): Promise<void> {
  const { refreshToken, session } = who.grant ?? expect.fail('no session');
  const headers = keyOf(who);
  const answer = await persistently(who.client, 'POST', '/v1/sessions/refresh', { body: { refreshToken }, headers });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  who.refreshed = answer.body as unknown as Grant;
  expect(who.refreshed.session.sessionId).toBe(session.sessionId);
}

/** The person's address is `null` while the database is away; whose session it is, is known all the same. */
async function lookAtSession(who: Traveller): Promise<void> {
  const { accessToken, session } = who.refreshed ?? expect.fail('no session');
  await eventually(async () => {
    const answer = await persistently(who.client, 'GET', '/v1/session', { bearer: accessToken });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body).toMatchObject({ session: { sessionId: session.sessionId } });
    expect(answer.body['user']).toMatchObject({ email: who.email });
  }, databasePatienceMs);
}
