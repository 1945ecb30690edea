import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedService, type EmbeddedService } from './embedded-service.ts';
import { call, codeIn, eventually, mailTo, startLogin, tokenIn, type Answer, type Client } from './journey.ts';
import { filesBelow, redisKeysOf, rowsOf, search, type Found, type Needle } from './search-everything.ts';

/*
 * A whole journey with all its stumbles, and then a search through every byte that the service and its servers keep or
 * log: no password, code or token, and nothing about the person in the clear. The mailbox stands for the outside world,
 * where codes and links are meant to go; so its folder is not searched. Neither are the words of the team's name,
 * which belongs to the team and not to a person.
 */

const email = 'quixotilde.needleworth@example.com';
const name = 'Quixotilde Needleworth';
const ip = '203.0.113.77';
const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 Needle/7.7';
const password = 'seventeen purple needles in a haystack';
const wrongPassword = 'eighteen purple needles in a haystack';
const csrfCookie = { transport: 'cookie' };

const needles: Needle[] = [
  ...Object.entries({ email, name, ip, agent, password, wrongPassword }).map(([what, value]) => ({ what, value })),
  { what: 'mailbox part of the address', value: 'needleworth' },
];
const planted = `planted-${randomUUID()}`;
let service: EmbeddedService;
let found: Found[];
let searched: string[];

beforeAll(async () => {
  service = await startEmbeddedService({ LOG_LEVEL: 'debug' });
  await journey();
  const urls = JSON.parse(await readFile(join(service.dataDir, 'connections.json'), 'utf8')) as Record<string, string>;
  const databaseUrl = urls['databaseUrl'] ?? expect.fail();
  const redisUrl = urls['redisUrl'] ?? expect.fail();
  const eventStoreUrl = databaseUrl.replace(/[^/]*$/, 'mbauth_eventstore');
  await plant(databaseUrl, eventStoreUrl, redisUrl);

  const live = [...(await rowsOf(databaseUrl)), ...(await rowsOf(eventStoreUrl)), ...(await redisKeysOf(redisUrl))];
  await service.stop();
  // The bytes on the disk hold pages and log records from before, too; six digits are many in them by chance.
  const files = await filesBelow(service.dataDir, ['mailbox']);
  const said = { where: 'standard output and error', bytes: Buffer.from(service.said() + service.log()) };
  const texts = files.filter(({ where }) => where.startsWith('logs/') || where.startsWith('redis/'));
  searched = [...live, ...files, said].map(({ where }) => where);
  found = [
    ...search(needles, [...live, said, ...texts]),
    ...search(
      needles.filter(({ digits }) => !digits),
      files,
    ),
  ];
});
afterAll(() => service.remove());

it('finds no password, code, token, address, name or browser in anything that is kept or logged', () => {
  const secrets = needles.filter(({ what }) => what !== 'planted').map(({ what }) => what);
  expect(secrets.length).toBeGreaterThan(25);
  expect(found.filter(({ what }) => what !== 'planted')).toEqual([]);
});

const places = [
  /^table event_store\.event$/,
  /^table vault\.credentials$/,
  /^table rm_audit_log_v\d+\.audit_log$/,
  /^Redis key mbauth:/,
  /^redis\/appendonlydir\//,
  /^postgres\/base\//,
  /^postgres\/pg_wal\//,
  /^logs\/postgres\.log$/,
  /^logs\/event-store\.log$/,
  /^standard output and error$/,
];

it.each(places)('has searched %s', (place) => {
  expect(searched.filter((where) => place.test(where))).not.toEqual([]);
});

const plantedIn = [
  /^table public\.plain$/,
  /^table public\.encoded$/,
  /^Redis key planted$/,
  /^redis\/appendonlydir\//,
  /^postgres\/base\//,
  /^postgres\/pg_wal\//,
  /^logs\/planted\.log$/,
];

it.each(plantedIn)('would have found what was planted in %s', (place) => {
  const findings = found.filter(({ what }) => what === 'planted').map(({ where }) => where);
  expect(findings.filter((where) => place.test(where))).not.toEqual([]);
});

async function plant(databaseUrl: string, eventStoreUrl: string, redisUrl: string): Promise<void> {
  needles.push({ what: 'planted', value: planted });
  const write = async (url: string, statements: string, value: unknown) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statements);
    await client.query(`insert into ${statements.split(' ')[2] ?? ''} values ($1)`, [value]);
    await client.end();
  };
  await write(databaseUrl, 'create table plain (value text)', `before ${planted} after`);
  const encoded = Buffer.from(Buffer.from(`ab${planted}`).toString('base64'));
  await write(eventStoreUrl, 'create table encoded (value bytea)', encoded);
  const redis = new Redis(redisUrl);
  await redis.hset('planted', 'field', planted);
  redis.disconnect();
  await appendFile(join(service.dataDir, 'logs', 'planted.log'), `{"a":"${Buffer.from(planted).toString('hex')}"}\n`);
}

function keep(what: string, value: unknown, digits = false): string {
  if (typeof value !== 'string' || value.length < 6) throw new Error(`there is no ${what}`);
  needles.push({ what, value, ...(digits && { digits: true as const }) });
  return value;
}

async function journey(): Promise<void> {
  const { apiUrl, mailboxUrl } = service;
  const client: Client = { apiUrl, mailboxUrl };
  await register(client);
  await stumble(client);
  const bearer = await logInAndOut({ apiUrl, mailboxUrl });
  await visitInACookie({ apiUrl, mailboxUrl });
  await read(client, bearer);
}

/** As a client sends it that repeats what got lost: the answer is kept for that, sealed. */
async function send(client: Client, method: string, path: string, body?: unknown, bearer?: string): Promise<Answer> {
  const headers = {
    'x-forwarded-for': ip,
    'user-agent': agent,
    ...(method === 'POST' && { 'idempotency-key': randomBytes(16).toString('hex') }),
  };
  return call(client, method, path, {
    headers,
    ...(body !== undefined && { body }),
    ...(bearer !== undefined && { bearer }),
  });
}

async function register(client: Client): Promise<void> {
  const body = { email, password, name, teamName: 'Bridge Works' };
  expect((await send(client, 'POST', '/v1/registrations', body)).status).toBe(202);
  keep('device token of the registration', client.deviceToken);
  const token = keep('verification token', tokenIn(await mailTo(client, email, 'verification')));
  expect((await send(client, 'GET', `/verify?token=${token}`)).status).toBe(200);
  expect((await send(client, 'POST', '/v1/registrations/verify', { token })).status).toBe(204);
  expect((await send(client, 'POST', '/v1/registrations/verify', { token })).status).toBe(409);
  await send(client, 'POST', '/v1/registrations', body);
  await mailTo(client, email, 'already-registered');
  await send(client, 'POST', '/v1/registrations/resend', { email });
}

/** What goes wrong is what gets logged. */
async function stumble(client: Client): Promise<void> {
  const refused = [
    await send(client, 'POST', '/v1/logins', { email, password: wrongPassword }),
    await send(client, 'POST', '/v1/logins', { email: `a.${email}`, password }),
    await send(client, 'POST', '/v1/logins', { email, password, [password]: email }),
    await send(client, 'POST', '/v1/logins', { email: password, password: email }),
    await send(client, 'GET', `/v1/logins/${encodeURIComponent(email)}?password=${encodeURIComponent(password)}`),
    await send(client, 'GET', `/${encodeURIComponent(email)}`),
  ];
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 400, 400, 401, 404]);
  const broken = await fetch(`${client.apiUrl}/v1/logins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': ip, 'user-agent': agent },
    body: `{"email":"${email}","password":"${password}"`,
  });
  expect(broken.status).toBe(400);
}

async function logInAndOut(client: Client): Promise<string> {
  await mailProvider(client, 'fail');
  const { body } = await send(client, 'POST', '/v1/logins', { email, password, remember: true });
  const loginToken = keep('login token', body['loginToken']);
  const path = `/v1/logins/${String(body['loginId'])}`;
  keep('device token of the login', client.deviceToken);
  await failed(/"job":"mail-device-code".*"msg":"job failed"/);
  await mailProvider(client, 'ok');
  const code = keep('device code', codeIn(await eventually(() => mailTo(client, email, 'device-code'), 60_000)), true);
  const wrong = code === '000000' ? '000001' : '000000';
  expect((await send(client, 'POST', `${path}/device-approval`, { code: wrong }, loginToken)).status).toBe(422);
  const approved = await send(client, 'POST', `${path}/device-approval`, { code }, loginToken);
  const [team] = approved.body['teams'] as { teamId: string }[];
  const grant = await send(client, 'POST', `${path}/team`, { teamId: team?.teamId }, loginToken);
  const first = keep('refresh token', grant.body['refreshToken']);
  keep('access token', grant.body['accessToken']);
  await mailTo(client, email, 'new-device');
  const refreshed = await send(client, 'POST', '/v1/sessions/refresh', { refreshToken: first });
  const second = keep('second refresh token', refreshed.body['refreshToken']);
  const third = await send(client, 'POST', '/v1/sessions/refresh', { refreshToken: second });
  keep('third refresh token', third.body['refreshToken']);
  expect((await send(client, 'POST', '/v1/sessions/refresh', { refreshToken: first })).status).toBe(401);
  await mailTo(client, email, 'refresh-token-reused');
  return anotherSession(client);
}

const failed = (line: RegExp) =>
  eventually(() => (line.test(service.log()) ? Promise.resolve() : Promise.reject(new Error('nothing has failed'))));

/** With a device that is known. */
async function anotherSession(client: Client, more: object = {}): Promise<string> {
  const { body } = await startLogin(client, email, { password, ...more });
  const loginToken = keep('another login token', body['loginToken']);
  const [team] = body['teams'] as { teamId: string }[];
  const path = `/v1/logins/${String(body['loginId'])}/team`;
  const grant = await send(client, 'POST', path, { teamId: team?.teamId }, loginToken);
  if (grant.body['accessToken'] === undefined) return keepCookies(grant);
  keep('another refresh token', grant.body['refreshToken']);
  return keep('another access token', grant.body['accessToken']);
}

async function visitInACookie(client: Client): Promise<void> {
  const { body } = await send(client, 'POST', '/v1/logins', { email, password, ...csrfCookie });
  const bearer = keep('login token of the browser', body['loginToken']);
  const path = `/v1/logins/${String(body['loginId'])}`;
  const code = keep('code of the browser', codeIn(await mailTo(client, email, 'device-code', 2)), true);
  await send(client, 'POST', `${path}/device-approval`, { code }, bearer);
  const cookie = await anotherSession(client, csrfCookie);
  const headers = { cookie, 'user-agent': agent, 'x-forwarded-for': ip };
  expect((await call(client, 'GET', '/v1/session', { headers })).status).toBe(200);
  expect((await call(client, 'DELETE', '/v1/session', { headers })).status).toBe(403);
}

function keepCookies({ body, headers }: Answer): string {
  keep('CSRF token', body['csrfToken']);
  const cookies = headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  for (const cookie of cookies) keep(`cookie ${cookie.split('=')[0] ?? ''}`, cookie.split('=')[1]);
  return cookies.join('; ');
}

/** What is read is decrypted: it must not stay anywhere. */
async function read(client: Client, bearer: string): Promise<void> {
  const refused = await send(client, 'GET', '/v1/session', undefined, bearer);
  expect(refused.body).toMatchObject({ type: 'urn:problem:session-superseded', byIp: ip });
  await mailTo(client, email, 'session-superseded');
  const known = await anotherSession(client);
  for (const path of ['session', 'sessions', 'devices', 'login-activity', 'audit/events?limit=200']) {
    const answer = await send(client, 'GET', `/v1/${path}`, undefined, known);
    expect(answer.status).toBe(200);
    if (path.startsWith('audit')) expect(JSON.stringify(answer.body)).toContain(email);
  }
  expect((await send(client, 'DELETE', '/v1/session', undefined, known)).status).toBe(204);
}

const mailProvider = async ({ mailboxUrl }: Client, mode: 'ok' | 'fail') => {
  const body = JSON.stringify({ mode });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${mailboxUrl}/__control`, { method: 'PUT', headers, body })).ok).toBe(true);
};
