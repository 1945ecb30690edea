import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startVirtuozzoSandbox,
  type VirtuozzoSandbox,
} from '../../src/embedded/virtuozzo-sandbox/start-virtuozzo-sandbox.ts';
import { openEventLog, type EventLog, type LoggedEvent } from './event-log.ts';
import { accept } from './inviting.ts';
import {
  call,
  eventually,
  logIn,
  mailsTo,
  mailTo,
  newPerson,
  password,
  tokenIn,
  type Client,
  type Grant,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { expectProblem } from './steps.ts';

const root = 'root@example.com';
const ann = 'ann@example.com';
const platformPassword = 'the platform knows this one';
const webhook = { POSTMARK_WEBHOOK_USER: 'postmark', POSTMARK_WEBHOOK_PASSWORD: 'a webhook password' };

let stack: Stack;
let log: EventLog;
let sandbox: VirtuozzoSandbox;
let operator: Client;
let operatorGrant: Grant;
let owner: Client;
let grant: Grant;

beforeAll(async () => {
  sandbox = await startVirtuozzoSandbox({ port: 0 });
  stack = await startStack({
    env: {
      BOOTSTRAP_ADMIN_EMAIL: root,
      VIRTUOZZO_API_URL: sandbox.url,
      VIRTUOZZO_PROBE_SECONDS: '2',
      ALERT_CHECK_SECONDS: '1',
      ALERT_FAILED_LOGINS_PER_IP: '2,4',
      ...webhook,
    },
  });
  log = openEventLog(stack);
  operator = stack.client();
  owner = stack.client();
  const token = tokenIn(await mailTo(operator, root, 'invitation'));
  expect((await accept(operator, token, { name: 'Root Admin', password })).status).toBe(200);
  operatorGrant = await logIn(operator, root);
  await newPerson(owner, ann);
  grant = await logIn(owner, ann);
});
afterAll(async () => {
  await log.close();
  await stack.stop();
  await sandbox.close();
});

const textOf = (events: readonly LoggedEvent[]) =>
  JSON.stringify(events.map(({ data, metadata }) => ({ data, metadata })));
const operate = (method: string, path: string) => call(operator, method, path, { bearer: operatorGrant.accessToken });
const own = (method: string, path = '', body?: object) =>
  call(owner, method, `/v1/teams/${grant.session.teamId}/virtuozzo${path}`, {
    bearer: grant.accessToken,
    ...(body && { body }),
  });
const control = (path: string, body?: object) =>
  fetch(`${sandbox.url}/__control${path}`, {
    method: body ? 'PUT' : 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

describe('a team on the Virtuozzo platform', () => {
  const keys: string[] = [];
  const keyNow = async () => {
    const { status, body } = await own('GET', '/session');
    expect(status).toBe(200);
    keys.push(String(body['sessionKey']));
    return body;
  };

  it('is linked with a password, and served its session key', async () => {
    expect((await own('GET')).body).toEqual({ linked: false });
    expectProblem(await own('GET', '/session'), 404, 'virtuozzo-not-linked');
    expect((await own('PUT', '', { login: ann, password: platformPassword })).status).toBe(204);
    expect((await own('GET')).body).toMatchObject({ linked: true, method: 'password', state: 'working' });
    expect(await keyNow()).toMatchObject({ stale: false });
    expectProblem(await own('PUT', '', { token: 'no such token' }), 422, 'virtuozzo-credentials-refused');
  });

  it('gets another key by itself when the platform takes the first no more', async () => {
    const { sessionKey } = await keyNow();
    await control('/end-sessions');
    await eventually(async () => {
      expect((await keyNow())['sessionKey']).not.toBe(sessionKey);
    });
  });

  it('keeps its key in an outage, tells the Owner once, and goes on when it is over', async () => {
    const { sessionKey } = await keyNow();
    await control('', { mode: 'fail' });
    await eventually(async () => {
      expect(await keyNow()).toMatchObject({ sessionKey, stale: true });
    });
    await mailTo(owner, ann, 'virtuozzo-outage');
    expect((await own('GET')).body).toMatchObject({ state: 'outage' });
    await control('', { mode: 'ok' });
    await eventually(async () => {
      expect(await keyNow()).toMatchObject({ sessionKey, stale: false });
    });
    expect((await mailsTo(owner, ann)).filter(({ Tag }) => Tag === 'virtuozzo-outage')).toHaveLength(1);
  });

  it('leaves nothing behind when it is unlinked', async () => {
    expect((await own('DELETE')).status).toBe(204);
    expect((await own('GET')).body).toEqual({ linked: false });
    expectProblem(await own('GET', '/session'), 404, 'virtuozzo-not-linked');
    const { rows } = await stack.database.pool.query('select 1 from vault.virtuozzo_keys');
    expect(rows).toHaveLength(0);
  });

  it('has its keys and the password nowhere in the log of events or of the processes', async () => {
    const written = textOf(await log.events()) + (await stack.logs());
    for (const secret of [...new Set(keys), platformPassword]) expect(written).not.toContain(secret);
  });
});

describe('what the mail provider tells', () => {
  const tell = (body: object, credentials = `${webhook.POSTMARK_WEBHOOK_USER}:${webhook.POSTMARK_WEBHOOK_PASSWORD}`) =>
    fetch(`${stack.apiUrl}/v1/webhooks/postmark`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      },
      body: JSON.stringify(body),
    });

  it('is recorded once, and shown to operators with the address masked', async () => {
    const mail = await mailTo(owner, ann, 'verification');
    const { Metadata, MessageID } = mail as unknown as { Metadata: { messageId: string }; MessageID: string };
    const bounce = { RecordType: 'Bounce', ID: '4323372036854775807', TypeCode: 1, Email: ann, MessageID, Metadata };
    expect((await tell(bounce, 'postmark:wrong')).status).toBe(401);
    for (let time = 0; time < 3; time++) expect((await tell(bounce)).status).toBe(200);
    await eventually(async () => {
      const { body } = await operate('GET', '/v1/email-deliveries?status=bounced');
      expect(body['items']).toEqual([
        expect.objectContaining({
          messageId: Metadata.messageId,
          status: 'bounced',
          reason: 'hard',
          recipient: { userId: grant.session.userId, email: 'a***@example.com' },
        }),
      ]);
    });
    const recorded = await log.ofType('EmailBounced');
    expect(recorded).toHaveLength(1);
    expect(textOf(recorded)).not.toContain(ann);
    expectProblem(await operate('POST', `/v1/email-deliveries/${Metadata.messageId}/retry`), 409, 'email-not-parked');
  });

  it('is for operators only', async () => {
    const asOwner = await call(owner, 'GET', '/v1/email-deliveries', { bearer: grant.accessToken });
    expectProblem(asOwner, 403, 'permission-missing');
  });
});

describe('figures and alerts', () => {
  it('rings once for many failed logins from one address, whose address is nowhere', async () => {
    const attacker = '198.51.100.77';
    for (let attempt = 0; attempt < 6; attempt++) {
      await fetch(`${stack.apiUrl}/v1/logins`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': attacker },
        body: JSON.stringify({ email: `nobody-${String(attempt)}@example.com`, password }),
      });
    }
    await eventually(async () => {
      const { body } = await operate('GET', '/v1/alerts');
      expect(body['items']).toContainEqual(
        expect.objectContaining({ name: 'failed-logins-per-ip', level: 'critical' }),
      );
    });
    const mail = await mailTo(operator, root, 'alert-raised');
    expect(mail.TextBody).toContain('failed logins from one address');
    const events = await log.events();
    expect(textOf(events)).not.toContain(attacker);
    const rung = events.filter(({ type, data }) => type === 'AlertRaised' && data['level'] === 'critical');
    expect(rung).toHaveLength(1);
    const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text();
    expect(metrics).toContain('mbauth_alert_level{alert="failed-logins-per-ip"} 2');
  });

  it('shows members their team, and operators everything', async () => {
    const asOwner = (query: string) =>
      call(owner, 'GET', `/v1/metrics/operational${query}`, { bearer: grant.accessToken });
    const team = await asOwner('?window=hour');
    expect(team.body).toMatchObject({
      teamId: grant.session.teamId,
      loginSuccessRate: { value: 1, samples: 1, target: '> 0.95' },
      deviceApprovalRate: { automatic: 1, code: 0 },
    });
    expectProblem(await asOwner(`?team=${operatorGrant.session.teamId}`), 404, 'team-not-found');
    const whole = await operate('GET', '/v1/metrics/operational?window=30d');
    expect(whole.body).toMatchObject({ teamId: null, loginSuccessRate: { samples: 8 } });
    expect((whole.body['loginSuccessRate'] as { value: number }).value).toBeCloseTo(2 / 8);
    const models = (await operate('GET', '/v1/projections')).body['items'];
    expect(models).toContainEqual(expect.objectContaining({ name: 'operational_metrics', parked: 0 }));
  });
});
