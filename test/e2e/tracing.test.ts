import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, eventually, logIn, mailTo, password, register, tokenIn, verify, type Answer } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { startCollector, type Collector, type CollectedSpan } from './trace-collector.ts';

/* One request of a person, as spans of three processes: that they are one trace, and that nothing secret is in them. */

const callerTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const email = `traced.${randomUUID()}@example.com`;
const secretHeader = `secret-${randomUUID()}`;

let collector: Collector;
let stack: Stack;
let registered: Answer;
const secrets: string[] = [email, 'Ada Example', 'Bridge Works', password, '203.0.113.9', secretHeader];

beforeAll(async () => {
  collector = await startCollector();
  stack = await startStack({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secretHeader}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  // What is made up for at the start has no spans.
  await eventually(async () => {
    const states = await stack.database.pool.query<{ status: string }>(
      'select distinct status from engine.projection_checkpoint where active',
    );
    expect(states.rows).toEqual([{ status: 'live' }]);
  });
  const client = { ...stack.client(), ip: '203.0.113.9' };
  const body = { email, password, name: 'Ada Example', teamName: 'Bridge Works' };
  const headers = { traceparent: `00-${callerTrace}-${callerSpan}-01` };
  registered = await call(client, 'POST', '/v1/registrations', { body, headers });
  const token = tokenIn(await mailTo(client, email, 'verification'));
  await call(client, 'GET', `/verify?token=${encodeURIComponent(token)}`);
  await verify(client, email);
  const grant = await logIn(client, email);
  const invalid = { traceparent: `00-${'0'.repeat(32)}-${callerSpan}-01` };
  const checked = await call(client, 'GET', '/v1/session', { bearer: grant.accessToken, headers: invalid });
  expect([registered.status, checked.status]).toEqual([202, 200]);
  secrets.push(token, grant.accessToken, grant.refreshToken, client.deviceToken ?? expect.fail());
});
afterAll(async () => {
  await stack.stop();
  await collector.close();
});

/** From the request down to the span, each with the process that it ran in. */
function wayTo(span: CollectedSpan): string[] {
  const parent = collector.spans().find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent === undefined ? [] : wayTo(parent)), `${span.process}: ${span.name}`];
}

const waysTo = (name: string) =>
  collector
    .spans()
    .filter((span) => span.traceId === callerTrace && span.name === name)
    .map(wayTo);

const registering = ['api: POST /v1/registrations', 'api: command SubmitRegistration', 'api: append user'];
const completing = [...registering, 'worker: react RegistrationSubmitted', 'worker: job complete-registration'];

describe('a registration', () => {
  it('goes on with the trace of the caller', async () => {
    const request = await eventually(() => {
      const found = collector.spans().find(({ name }) => name === 'POST /v1/registrations');
      return Promise.resolve(found ?? expect.fail('not there'));
    });
    expect(request).toMatchObject({ traceId: callerTrace, parentSpanId: callerSpan });
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/registrations',
      'http.response.status_code': 202,
      'mbauth.request_id': registered.headers.get('x-request-id'),
    });
  });

  it.each([
    ['project users', [...registering, 'projector: project users']],
    ['project audit_log', [...registering, 'projector: project audit_log']],
    ['react RegistrationSubmitted', completing.slice(0, -1)],
    ['job complete-registration', completing],
  ])('leads to "%s" in the same trace', async (name, way) => {
    await eventually(() => {
      expect(waysTo(name)).toContainEqual(way);
      return Promise.resolve();
    });
  });

  it('goes on through what its job appends, to the mail', async () => {
    await eventually(() => {
      const [way = []] = waysTo('job mail-verification');
      expect(way.slice(0, completing.length)).toEqual(completing);
      expect(way.slice(completing.length)).toEqual([
        'worker: command AcceptRegistration',
        'worker: append user',
        'worker: react UserRegistered',
        'worker: job mail-verification',
      ]);
      return Promise.resolve();
    });
  });

  it('has its trace in the line that is logged of it', async () => {
    const requestId = registered.headers.get('x-request-id') ?? expect.fail();
    const lines = (await stack.logs()).split('\n').filter((line) => line.includes(requestId));
    const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
    const request = collector.spans().find(({ name }) => name === 'POST /v1/registrations');
    expect(line).toMatchObject({ traceId: callerTrace, spanId: request?.spanId, route: '/v1/registrations' });
  });
});

it('begins a trace of its own for a session check whose traceparent is invalid', async () => {
  const check = await eventually(() => {
    const found = collector.spans().find(({ name }) => name === 'GET /v1/session');
    return Promise.resolve(found ?? expect.fail('not there'));
  });
  expect(check).toMatchObject({ process: 'api', parentSpanId: undefined });
  expect(check.traceId).not.toMatch(/^0+$/);
});

it('tells the collector no secret, address, name or query, and has the key for it only in the header', () => {
  const text = JSON.stringify(collector.spans());
  expect(collector.spans().length).toBeGreaterThan(20);
  expect(secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)))).toEqual([]);
  expect(collector.headers().every((headers) => headers['x-api-key'] === secretHeader)).toBe(true);
});

it('goes on as before without the collector, says so once and counts, and stops in time', async () => {
  await collector.close();
  const [client, other] = [stack.client(), `untaken.${randomUUID()}@example.com`];
  expect((await register(client, other)).status).toBe(202);
  expect((await verify(client, other)).status).toBe(204);
  await eventually(async () => {
    const metrics = await (await fetch(`${stack.urlOf('api')}/metrics`)).text();
    expect(Number(/^mbauth_trace_spans_undelivered_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  });
  expect(await stack.end('api')).toBe(0);
  const log = (await stack.logs()).split('\n');
  const said = log.filter((line) => line.includes('"process":"api"') && line.includes('traces are not delivered'));
  expect(said).toHaveLength(1);
  expect(log.filter((line) => line.includes(secretHeader))).toEqual([]);
});
