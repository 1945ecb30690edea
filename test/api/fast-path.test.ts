import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Access } from '../../src/application/access/access.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { accessToken, cookies, csrfToken, fakeService, roleId, teamId, type Changes } from './fake-service.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Raw {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const bearer = { authorization: `Bearer ${accessToken}` };
const json = { 'content-type': 'application/json' };
const asking = { method: 'POST', path: '/v1/authorize', headers: { ...bearer, ...json } };
const ask = (permissions: unknown): Raw => ({ ...asking, body: JSON.stringify({ permissions }) });

/** What stands on the wire, without what differs each time. */
async function exchange(listener: RequestListener, { method, path, headers = {}, body }: Raw): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const all = { host: 'localhost', connection: 'close', ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', body ?? ''].join('\r\n'));
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  const [head = '', rest = ''] = answer.split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n').filter((line) => !/^Date:/i.test(line));
  return [status, ...fields.toSorted(), rest].join('\n').replaceAll(/[0-9a-f-]{36}/g, 'id');
}

/** Over both ways, each with a service of its own. */
async function both(raw: Raw, changes: Changes = {}) {
  const [fast, slow] = [fakeService(changes), fakeService(changes)];
  const answers = [await exchange(fast.app, raw), await exchange(slow.express, raw)];
  const seen = [fast, slow].map(({ logged, observed }) => ({
    logged: logged.map(({ time: _time, durationMs: _ms, ...line }) => withoutStack(line)),
    observed: observed.map(({ seconds: _seconds, ...request }) => request),
  }));
  return { answers, seen };
}

const withoutStack = (line: object): unknown =>
  JSON.parse(JSON.stringify(line, (key, value: unknown) => (key === 'stack' ? typeof value : value)));

const refused = (code: ConstructorParameters<typeof DomainError>[0]): Changes => ({
  useCases: { checkSession: () => Promise.reject(new DomainError(code)) },
});

describe('the fast path answers as Express does', () => {
  it.each<[string, Raw, Changes?]>([
    ['who am I', { method: 'GET', path: '/v1/session', headers: bearer }],
    ['with cookies', { method: 'GET', path: '/v1/session', headers: { cookie: cookies.Cookie } }],
    ['nobody', { method: 'GET', path: '/v1/session' }],
    ['a scheme that is none', { method: 'GET', path: '/v1/session', headers: { authorization: 'Basic abc' } }],
    ['somebody superseded', { method: 'GET', path: '/v1/session', headers: bearer }, refused('session-superseded')],
    ['a fault', { method: 'GET', path: '/v1/session', headers: bearer }, { useCases: { accessOf: broken } }],
    ['behind', { method: 'GET', path: '/v1/session', headers: { ...bearer, 'read-after': '5' } }, behind()],
    ['a query', { method: 'GET', path: '/v1/session?x=1', headers: bearer }],
    ['another method', { method: 'PUT', path: '/v1/session', headers: bearer }],
    ['only the head', { method: 'HEAD', path: '/v1/session', headers: bearer }],
    ['a GET with a body', { method: 'GET', path: '/v1/session', headers: { ...bearer, ...json }, body: '{"a":1}' }],
    ['may I', ask(['site.create', 'site.unknown'])],
    ['may nobody', { ...ask(['site.create']), headers: json }],
    ['an unknown field', { ...asking, body: '{"permissions":["a"],"team":1}' }],
    ['no names', ask([])],
    ['too many names', ask(Array.from({ length: 101 }, (_, n) => `a.${String(n)}`))],
    ['no JSON', { ...asking, body: '{"permissions":' }],
    ['neither object nor list', { ...asking, body: '5' }],
    ['only spaces', { ...asking, body: '  ' }],
    ['a byte order mark', { ...asking, body: '\uFEFF{"permissions":["site.create"]}' }],
    ['a list', { ...asking, body: '[]' }],
    ['no body', asking],
    ['an empty body', { ...asking, headers: { ...asking.headers, 'content-length': '0' } }],
    ['too long a body', { ...asking, body: JSON.stringify({ permissions: ['a'.repeat(40_000)] }) }],
    ['another type', { ...ask(['site.create']), headers: { ...bearer, 'content-type': 'text/plain' } }],
    ['UTF-8, said so', typed('application/json; charset=utf-8')],
    ['another character set', typed('application/json; charset=utf-16')],
    ['compressed', { ...asking, headers: { ...asking.headers, 'content-encoding': 'gzip' }, body: 'no gzip' }],
    ['cookies without the CSRF token', { ...ask(['site.create']), headers: { ...json, cookie: cookies.Cookie } }],
    [
      'cookies with the CSRF token',
      { ...ask(['site.create']), headers: { ...json, cookie: cookies.Cookie, 'x-csrf-token': csrfToken } },
    ],
    ['a bad idempotency key', { ...ask(['a']), headers: { ...asking.headers, 'idempotency-key': 'no spaces' } }],
  ])('%s', async (_what, raw, changes) => {
    const { answers, seen } = await both(raw, changes);
    expect(answers[0]).toMatch(/^HTTP\/1.1 [2-5]\d\d /);
    expect(answers[0]).toBe(answers[1]);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.observed).toHaveLength(1);
  });

  it.each([undefined, '203.0.113.9', '198.51.100.1, 203.0.113.9', 'x, 10.0.0.1', '203.0.113.9,, 10.0.0.1'])(
    'with the address that trusted proxies forward (%s)',
    async (forwarded) => {
      const headers = { ...bearer, ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) };
      const addresses: unknown[] = [];
      const changes = (trustProxy: readonly string[]): Changes => ({
        trustProxy,
        waitForPosition: () => Promise.resolve(true),
        idempotency: {
          begin: ({ scope }) => {
            addresses.push(scope);
            return Promise.reject(new Error('seen'));
          },
        },
      });
      for (const trusted of [[], ['loopback'], ['loopback', '10.0.0.0/8']]) {
        const at = fakeService(changes(trusted));
        const raw = { ...ask(['a']), headers: { ...headers, ...json, 'idempotency-key': 'k' } };
        await exchange(at.app, raw);
        await exchange(at.express, raw);
        expect(addresses.at(-1)).toBe(addresses.at(-2));
      }
    },
  );
});

describe('authorize', () => {
  const access: Access = {
    team: { teamId, name: 'Acme' },
    role: { roleId, name: 'Sites', kind: 'custom' },
    grants: ['site.*', 'system.admin'],
    platform: false,
    idleTimeoutSeconds: null,
  };
  const catalogue = ['site.create', 'site.delete', 'env.create', 'system.admin'];
  const queries = {
    permissions: () => Promise.resolve(catalogue.map((permission) => ({ permission, description: '' }))),
  };

  async function allowed(of: Access | undefined): Promise<unknown> {
    const { app } = fakeService({ queries, useCases: { accessOf: () => Promise.resolve(of) } });
    const answer = await exchange(app, ask([...catalogue, 'site.unknown', '__proto__']));
    return JSON.parse(answer.split('\n').at(-1) ?? '') as unknown;
  }

  it('says for each name whether it is held', async () => {
    expect(await allowed(access)).toEqual({
      allowed: JSON.parse(
        '{"site.create":true,"site.delete":true,"env.create":false,"system.admin":false,"site.unknown":false,"__proto__":false}',
      ) as unknown,
    });
  });

  it('knows the right over the platform in the platform team only', async () => {
    expect(await allowed({ ...access, platform: true })).toMatchObject({ allowed: { 'system.admin': true } });
  });

  it('denies everything to who is no member any more', async () => {
    const { allowed: answers } = (await allowed(undefined)) as { allowed: Record<string, boolean> };
    expect(Object.values(answers)).not.toContain(true);
    expect(Object.keys(answers)).toHaveLength(6);
  });
});

function typed(contentType: string): Raw {
  return { ...ask(['site.create']), headers: { ...bearer, 'content-type': contentType } };
}

function broken(): Promise<never> {
  return Promise.reject(new Error('secret inside'));
}

function behind(): Changes {
  return { waitForPosition: () => Promise.resolve(false) };
}
