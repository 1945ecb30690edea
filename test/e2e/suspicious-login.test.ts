import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGeoipSandbox, type GeoipSandbox } from '../../src/embedded/geoip-sandbox/start-geoip-sandbox.ts';
import { openEventLog, type EventLog } from './event-log.ts';
import {
  call,
  codeIn,
  eventually,
  logIn,
  mailsTo,
  mailTo,
  newPerson,
  startLogin,
  tokenIn,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const berlin = '203.0.113.7';
const tokyo = '198.51.100.20';
const answers = {
  [berlin]: { country: 'DE', city: 'Berlin', latitude: 52.5, longitude: 13.4, accuracyKm: 50 },
  [tokyo]: { country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7, accuracyKm: 50 },
};

let stack: Stack;
let geoip: GeoipSandbox;
let log: EventLog;

beforeAll(async () => {
  geoip = await startGeoipSandbox({ port: 0 });
  stack = await startStack({ env: { GEOIP_API_URL: geoip.url } });
  log = openEventLog(stack);
});
afterAll(async () => {
  await log.close();
  await stack.stop();
  await geoip.close();
});
beforeEach(async () => {
  await tell('/__control', { mode: 'ok' });
  await tell('/__control/answers', answers);
});

const tell = (path: string, body: object) =>
  fetch(geoip.url + path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

interface Person {
  readonly email: string;
  readonly client: Client;
  readonly grant: Grant;
}

/** Somebody whose device is trusted, signed in from Berlin. */
async function berliner(): Promise<Person> {
  const client: Client = { ...stack.client(), ip: berlin };
  const email = `${randomUUID()}@example.com`;
  await newPerson(client, email);
  return { email, client, grant: await logIn(client, email) };
}

interface Step {
  readonly loginId: string;
  readonly loginToken: string;
  readonly status: string;
  readonly teams?: { teamId: string }[];
}

async function startFrom(ip: string, { client, email }: Person): Promise<Step> {
  const answer = await startLogin({ ...client, ip }, email);
  expect(answer.status).toBe(200);
  return answer.body as unknown as Step;
}

const stepOf = (client: Client, { loginId, loginToken }: Step) =>
  call(client, 'GET', `/v1/logins/${loginId}`, { bearer: loginToken });

const choose = (client: Client, { loginId, loginToken }: Step, teamId: string) =>
  call(client, 'POST', `/v1/logins/${loginId}/team`, { bearer: loginToken, body: { teamId } });

const decisionToken = async ({ client, email }: Person, count = 1) =>
  tokenIn(await mailTo(client, email, 'suspicious-login', count));

const decide = (client: Client, token: string, decision: 'approve' | 'deny') =>
  call(client, 'POST', `/v1/login-decisions/${token}`, { body: { decision } });

const whoAmI = (client: Client, { accessToken }: Grant) => call(client, 'GET', '/v1/session', { bearer: accessToken });

const eventsOf = async (loginId: string) =>
  (await log.events()).filter(({ stream }) => stream === `login-${loginId}`).map(({ type }) => type);

const typeOf = ({ body }: Answer) => body['type'];

describe('a login from where its owner has been', () => {
  it('is not held up, and the first one is never suspicious', async () => {
    const person = await berliner();
    const step = await startFrom(berlin, person);
    expect(step.status).toBe('team-selection-required');
    expect(await eventsOf(step.loginId)).toEqual(['LoginStarted', 'LoginClearedByGeo']);
    expect((await mailsTo(person.client, person.email)).map(({ Tag }) => Tag)).not.toContain('suspicious-login');
  });

  it('is judged by the address that a trusted proxy reports, and by no other', async () => {
    const person = await berliner();
    const forged = await startLogin({ ...person.client, ip: `${tokyo}, ${berlin}` }, person.email);
    expect(forged.body['status']).toBe('team-selection-required');
  });
});

describe('a login from another country, minutes later', () => {
  it('waits until its owner approves it by a click', async () => {
    const person = await berliner();
    const { client, email, grant } = person;
    const step = await startFrom(tokyo, person);
    expect(step).toMatchObject({ status: 'location-approval-required' });
    expect(step.teams).toBeUndefined();
    expect(typeOf(await choose(client, step, grant.session.teamId))).toBe('urn:problem:login-step-not-due');

    const mail = await mailTo(client, email, 'suspicious-login');
    expect(mail.TextBody).toContain('Place: Tokyo, Japan');
    const links = [...mail.TextBody.matchAll(/^http\S+\/login-decision\?token=\S+$/gm)].map(([link]) => link);
    expect(links).toHaveLength(2);
    const token = tokenIn(mail);
    for (const link of links) {
      const opened = await call(client, 'GET', new URL(link).pathname + new URL(link).search);
      expect(opened.status).toBe(200);
      expect(opened.body['text']).toContain('Tokyo, Japan');
    }
    expect((await call(client, 'GET', `/v1/login-decisions/${token}`)).body).toMatchObject({
      place: 'Tokyo, Japan',
      ip: tokyo,
      signals: ['new-country', 'impossible-travel'],
    });
    expect((await stepOf(client, step)).body['status']).toBe('location-approval-required');

    const pressed = await fetch(`${stack.apiUrl}/login-decision`, {
      method: 'POST',
      body: new URLSearchParams({ token, decision: 'approve' }),
      headers: { origin: stack.publicUrl },
    });
    expect(pressed.status).toBe(200);
    expect(await pressed.text()).toContain('Approved');
    expect((await stepOf(client, step)).body['status']).toBe('team-selection-required');
    expect((await choose(client, step, grant.session.teamId)).status).toBe(200);
    expect(typeOf(await decide(client, token, 'deny'))).toBe('urn:problem:login-decision-used');
    expect(typeOf(await decide(client, `${token.slice(0, -4)}AAAA`, 'deny'))).toBe(
      'urn:problem:login-decision-invalid',
    );
    expect(await eventsOf(step.loginId)).toEqual([
      'LoginStarted',
      'LoginFlagged',
      'LoginApprovedByUser',
      'LoginCompleted',
    ]);
  });

  it('ends everything when its owner denies it', async () => {
    const person = await berliner();
    const { client, email, grant } = person;
    const step = await startFrom(tokyo, person);
    const answer = await decide(client, await decisionToken(person), 'deny');
    expect(answer.status).toBe(204);

    expect(typeOf(await whoAmI(client, grant))).toBe('urn:problem:session-revoked');
    expect((await stepOf(client, step)).body['status']).toBe('denied');
    expect(typeOf(await choose(client, step, grant.session.teamId))).toBe('urn:problem:login-denied');
    expect(typeOf(await startLogin({ ...client, ip: berlin }, email))).toBe('urn:problem:password-change-required');
    const after = (await log.events()).filter(({ data }) => data['userId'] === grant.session.userId);
    expect(after.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['LoginDenied', 'PasswordChangeForced', 'SessionRevoked', 'DeviceRemoved']),
    );
  });

  it('is decided once when both links are used at the same moment', async () => {
    const person = await berliner();
    const { client, grant } = person;
    const step = await startFrom(tokyo, person);
    const token = await decisionToken(person);
    const both = await Promise.all([decide(client, token, 'approve'), decide(client, token, 'deny')]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
    const isDenied = both[1].status === 204;
    expect((await stepOf(client, step)).body['status']).toBe(isDenied ? 'denied' : 'team-selection-required');
    expect((await whoAmI(client, grant)).status).toBe(isDenied ? 401 : 200);
  });

  it('asks for both on a new device: the code does not stand for the owner when it was sent before', async () => {
    const person = await berliner();
    const { email } = person;
    const client: Client = { ...stack.client(), ip: tokyo };
    const started = await startLogin(client, email);
    expect(started.body['status']).toBe('device-approval-required');
    const step = started.body as unknown as Step;
    await decisionToken(person);
    const code = codeIn(await mailTo(client, email, 'device-code'));
    const path = `/v1/logins/${step.loginId}/device-approval`;
    const approved = await call(client, 'POST', path, { bearer: step.loginToken, body: { code } });
    expect(approved.body['status']).toBe('location-approval-required');
    expect((await decide(client, await decisionToken(person), 'approve')).status).toBe(204);
    expect((await stepOf(client, step)).body['status']).toBe('team-selection-required');
  });
});

describe('while the Geo-IP service', () => {
  it.each(['fail', 'garbage', 'hang'])('plays "%s", logins go on, and that is recorded', async (mode) => {
    const person = await berliner();
    await tell('/__control', { mode });
    const before = Date.now();
    const step = await startFrom(tokyo, person);
    expect(Date.now() - before).toBeLessThan(2500);
    expect(step.status).toBe('team-selection-required');
    const cleared = (await log.ofType('LoginClearedWithoutGeo')).find(({ data }) => data['loginId'] === step.loginId);
    expect(['provider-down', 'timeout']).toContain(cleared?.data['reason']);
  });

  it('is back, the verdict is applied when it comes: the session is held back until its owner approves', async () => {
    const person = await berliner();
    const { client, grant: first } = person;
    await tell('/__control', { mode: 'fail' });
    const step = await startFrom(tokyo, person);
    expect(step.status).toBe('team-selection-required');
    const grant = (await choose(client, step, first.session.teamId)).body as unknown as Grant;
    expect((await whoAmI(client, grant)).status).toBe(200);

    await tell('/__control', { mode: 'ok' });
    const token = await decisionToken(person);
    await eventually(async () => {
      expect(typeOf(await whoAmI(client, grant))).toBe('urn:problem:session-suspended');
    });
    const refreshed = await call(client, 'POST', '/v1/sessions/refresh', {
      body: { refreshToken: grant.refreshToken },
    });
    expect(typeOf(refreshed)).toBe('urn:problem:session-suspended');
    expect((await decide(client, token, 'approve')).status).toBe(204);
    expect((await whoAmI(client, grant)).status).toBe(200);
    expect(await eventsOf(step.loginId)).toEqual([
      'LoginStarted',
      'LoginClearedWithoutGeo',
      'LoginCompleted',
      'LoginFlagged',
      'LoginApprovedByUser',
    ]);
  });
});

describe('a denial while the team is being chosen', () => {
  it('leaves no session, whichever comes first', async () => {
    const person = await berliner();
    const { client, grant: first } = person;
    const step = await startFrom(tokyo, person);
    const token = await decisionToken(person);
    const [chosen] = await Promise.all([
      choose(client, step, first.session.teamId),
      decide(client, token, 'deny').then(({ status }) => {
        expect(status).toBe(204);
      }),
    ]);
    expect([403, 409]).toContain(chosen.status);
    const ended = await log.ofType('SessionStarted');
    const started = ended.filter(({ data }) => data['userId'] === first.session.userId).length;
    const revoked = await eventually(async () => {
      const events = (await log.events()).filter(
        ({ data, type }) =>
          data['userId'] === first.session.userId && /^Session(Revoked|Superseded|Expired)$/.test(type),
      );
      expect(events).toHaveLength(started);
      return events;
    });
    expect(revoked.length).toBeGreaterThan(0);
  });
});
