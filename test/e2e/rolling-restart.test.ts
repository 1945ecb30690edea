import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, eventually, logIn, newPerson, type Grant } from './journey.ts';
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

  function send(name: Api, method: string, path: string, body?: string): Promise<number> {
    const headers = { authorization: `Bearer ${grant.accessToken}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      request(new URL(path, stack.urlOf(name)), { method, headers, agent: agents.get(name) }, (answer) => {
        answer.resume().once('end', () => {
          resolve(answer.statusCode ?? 0);
        });
      })
        .once('error', reject)
        .end(body);
    });
  }

  let turn = 0;
  return {
    ready,
    /** Only a connection that was never made is tried again elsewhere: a request under way may have had its effect. */
    async ask(method: string, path: string, body?: string): Promise<number> {
      for (let attempt = 1; ; attempt += 1) {
        const choice = [...ready];
        const name = choice[(turn += 1) % Math.max(1, choice.length)] ?? 'api';
        try {
          return await send(name, method, path, body);
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
  const load = Array.from({ length: clients }, async (_, index) => {
    while (loading) {
      const isCommand = index % 3 === 0;
      const asked = isCommand
        ? balanced.ask('POST', '/v1/logins', JSON.stringify({ email: 'rolling@example.com', password: 'wrong' }))
        : balanced.ask('GET', index % 3 === 1 ? '/v1/session' : '/v1/sessions');
      const outcome = await asked.catch((error: unknown) => String(error));
      const expected = isCommand ? [401, 429] : [200];
      if (!expected.includes(outcome as number))
        failures.push(`${isCommand ? 'command' : 'query'}: ${String(outcome)}`);
      answers.all += 1;
      if (isCommand) answers.commands += 1;
    }
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
  expect(answers.commands).toBeGreaterThan(10);
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
