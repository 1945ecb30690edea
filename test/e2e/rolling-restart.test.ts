import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, eventually, logIn, newPerson, password, type Grant } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const clients = 6;
const processes = ['api', 'second-api'] as const;
type Api = (typeof processes)[number];

let stack: Stack;
let grant: Grant;

beforeAll(async () => {
  // As in production, with as much time as the balancer below needs to notice.
  stack = await startStack({ env: { DRAIN_SECONDS: '1' } });
  await stack.start('second-api');
  const client = stack.client();
  await newPerson(client, 'rolling@example.com');
  grant = await logIn(client, 'rolling@example.com');
});
afterAll(() => stack.stop());

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly bearer?: string;
  readonly device?: string | undefined;
}

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Ask = (asked: Asked, ...expected: number[]) => Promise<Told['body']>;

/** Somebody with a session; nobody else's requests end it. */
async function somebody(name: string) {
  const client = stack.client();
  const email = `${name}@example.com`;
  await newPerson(client, email);
  return { email, grant: await logIn(client, email), device: client.deviceToken };
}
type Somebody = Awaited<ReturnType<typeof somebody>>;

/** Turns a refresh token over and over: each is good once. */
function refreshing({ grant: { refreshToken } }: Somebody) {
  let newest: unknown = refreshToken;
  return async (ask: Ask) => {
    const body = { refreshToken: newest };
    newest = (await ask({ method: 'POST', path: '/v1/sessions/refresh', body }, 200))['refreshToken'];
  };
}

/** Adds a role, changes it, and retires it. */
function changingRoles({ grant: { accessToken: bearer, session } }: Somebody) {
  const roles = `/v1/teams/${session.teamId}/roles`;
  let number = 0;
  return async (ask: Ask) => {
    const body = { name: `Painter ${String((number += 1))}`, permissions: ['site.edit'] };
    const { roleId } = await ask({ method: 'POST', path: roles, body, bearer }, 201);
    const role = { path: `${roles}/${String(roleId)}`, bearer };
    await ask({ ...role, method: 'PATCH', body: { permissions: ['site.create'] } }, 200, 204);
    await ask({ ...role, method: 'DELETE' }, 200, 204);
  };
}

/** All steps of a login on a trusted device; the session before is superseded. */
function loggingIn({ email, device, grant: { session } }: Somebody) {
  return async (ask: Ask) => {
    const start = { method: 'POST', path: '/v1/logins', body: { email, password }, device };
    const { loginId, loginToken } = await ask(start, 200);
    const bearer = String(loginToken);
    const path = `/v1/logins/${String(loginId)}/team`;
    await ask({ method: 'POST', path, body: { teamId: session.teamId }, bearer }, 200);
  };
}

async function looking(ask: Ask) {
  await ask({ method: 'GET', path: '/v1/session' }, 200);
  await ask({ method: 'GET', path: '/v1/sessions' }, 200);
  const wrong = { email: 'rolling@example.com', password: 'wrong' };
  await ask({ method: 'POST', path: '/v1/logins', body: wrong }, 401, 429);
}

/** Sends requests where `/readyz` is 200, over connections that stay open, as load balancers do. */
function balancer() {
  const ready = new Set<Api>(processes);
  const agents = new Map(processes.map((name) => [name, new Agent({ keepAlive: true, maxSockets: clients })]));
  let looking = true;
  const looks = processes.map(async (name) => {
    while (looking) {
      const isReady = await fetch(`${stack.urlOf(name)}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) ready.add(name);
      else ready.delete(name);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  function send(name: Api, { method, path, body, bearer = grant.accessToken, device }: Asked): Promise<Told> {
    const headers = {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      ...(device !== undefined && { 'x-device-token': device }),
    };
    return new Promise((resolve, reject) => {
      request(new URL(path, stack.urlOf(name)), { method, headers, agent: agents.get(name) }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.once('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as Told['body']) });
        });
      })
        .once('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  let turn = 0;
  return {
    ready,
    /** Only a connection that was never made is tried again elsewhere: a request under way may have had its effect. */
    async ask(asked: Asked): Promise<Told> {
      for (let attempt = 1; ; attempt += 1) {
        const choice = [...ready];
        const name = choice[(turn += 1) % Math.max(1, choice.length)] ?? 'api';
        try {
          return await send(name, asked);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || attempt === 20) throw error;
        }
      }
    },
    async stop() {
      looking = false;
      await Promise.all(looks);
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

test('each process is replaced under load, and no request fails', async () => {
  const balanced = balancer();
  const failures: string[] = [];
  const answers = { all: 0, commands: 0 };
  let loading = true;
  const ask: Ask = async (asked, ...expected) => {
    const told = await balanced.ask(asked).catch((error: unknown) => String(error));
    answers.all += 1;
    if (asked.method !== 'GET') answers.commands += 1;
    if (typeof told !== 'string' && expected.includes(told.status)) return told.body;
    failures.push(`${asked.method} ${asked.path}: ${JSON.stringify(told)}`);
    return {};
  };
  const journeys = [
    refreshing(await somebody('refreshing')),
    changingRoles(await somebody('changing')),
    loggingIn(await somebody('coming')),
    ...[looking, looking, looking],
  ];
  const load = journeys.map(async (journey) => {
    while (loading) await journey(ask);
  });
  const answered = async (more: number) => {
    const before = answers.all;
    await eventually(() => {
      expect(answers.all).toBeGreaterThan(before + more);
      return Promise.resolve();
    }, 30_000);
  };

  await answered(50);
  for (const name of processes) {
    expect(await stack.end(name)).toBe(0);
    await stack.start(name);
    await eventually(() => {
      expect([...balanced.ready].toSorted()).toEqual([...processes]);
      return Promise.resolve();
    });
    await answered(50);
  }
  loading = false;
  await Promise.all(load);
  await balanced.stop();
  expect(failures).toEqual([]);
  expect(answers.commands).toBeGreaterThan(30);
});

test('a process that is going says so, and finishes what is under way', async () => {
  const client = stack.client('second-api');
  expect((await call(client, 'GET', '/readyz')).status).toBe(200);
  const gone = stack.end('second-api');
  await eventually(async () => {
    const answer = await call(client, 'GET', '/readyz');
    expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
  });
  const last = await call(client, 'GET', '/v1/session', { bearer: grant.accessToken });
  expect([last.status, last.headers.get('connection')]).toEqual([200, 'close']);
  expect(await gone).toBe(0);
});
