import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { admission } from '../../src/api/admission.ts';
import { endpointsOf } from '../../src/api/app.ts';
import { hashing } from '../../src/api/fast-path.ts';
import type { LoopLoad } from '../../src/api/loop-load.ts';
import { closingOf } from '../../src/api/http-server.ts';
import { fakeService } from './fake-service.ts';

const idle: LoopLoad = { lateMs: 0, busy: 0.1 };
const late: LoopLoad = { lateMs: 1000, busy: 1 };

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<number> {
  opened.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A service that keeps every request until it is let go. */
async function slowService() {
  const state = { refused: 0, look: (_load: LoopLoad): void => undefined };
  const held: ServerResponse[] = [];
  const guarded = admission(
    {
      onLoopLoad: (adapt) => (state.look = adapt),
      hashQueue: 8,
      kindOf: ({ url }) => (url === '/check' ? 'check' : url === '/password' ? 'password' : 'other'),
      refuse: (_request, response) => {
        state.refused += 1;
        response.writeHead(503).end();
      },
    },
    ({ url }, response) => {
      if (url === '/livez') response.end();
      else held.push(response);
    },
  );
  const port = await listening(createServer(guarded));
  const ask = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  const letGo = (count = held.length) => {
    for (const response of held.splice(0, count)) response.end();
  };
  /** Asks, and is there while the process looks at itself, which ends the wait of who was let in to wait. */
  const askInVain = async (path: string, load = idle): Promise<number> => {
    const answer = ask(path);
    const looking = setInterval(() => {
      state.look(load);
    }, 5);
    return answer.finally(() => {
      clearInterval(looking);
    });
  };
  return { state, held, ask, askInVain, letGo };
}

describe('what is too much', () => {
  it('is refused after a moment, never a probe, and session checks last', async () => {
    const { state, held, ask, askInVain, letGo } = await slowService();
    const begun = Array.from({ length: 250 }, () => ask('/v1/teams'));
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(250);
    expect(await askInVain('/v1/teams')).toBe(503);
    expect(state.refused).toBe(1);
    expect(await ask('/livez')).toBe(200);
    const check = ask('/check');
    await expect.poll(() => held.length).toBe(251);
    letGo();
    expect(new Set(await Promise.all([...begun, check]))).toEqual(new Set([200]));
    const after = ask('/v1/teams');
    await expect.poll(() => held.length).toBe(1);
    letGo();
    expect(await after).toBe(200);
  });

  it('is less while the event loop is late, and more again when it keeps up', async () => {
    const { state, held, ask, askInVain, letGo } = await slowService();
    const begun = Array.from({ length: 30 }, () => ask('/v1/teams'));
    await expect.poll(() => held.length).toBe(30);
    state.look(late);
    expect(await askInVain('/v1/teams', late)).toBe(503);
    letGo();
    expect(new Set(await Promise.all(begun.splice(0)))).toEqual(new Set([200]));
    begun.push(...Array.from({ length: 24 }, () => ask('/v1/teams')));
    await expect.poll(() => held.length).toBe(24);
    expect(await askInVain('/v1/teams', late)).toBe(503);
    state.look(idle);
    begun.push(...Array.from({ length: 4 }, () => ask('/v1/teams')));
    await expect.poll(() => held.length).toBe(28);
    letGo();
    expect(new Set(await Promise.all(begun))).toEqual(new Set([200]));
  });

  it('of one kind leaves the others their room', async () => {
    const { state, held, ask, letGo } = await slowService();
    const logins = Array.from({ length: 40 }, () => ask('/password'));
    await expect.poll(() => held.length).toBe(40);
    expect(await ask('/password')).toBe(503);
    state.look(late);
    const served = [ask('/v1/teams'), ask('/check')];
    await expect.poll(() => held.length).toBe(42);
    letGo();
    expect(new Set(await Promise.all([...logins, ...served]))).toEqual(new Set([200]));
  });

  it('waits for a moment, and is served where there is room by then', async () => {
    const { state, held, ask, letGo } = await slowService();
    state.look(late);
    const begun = Array.from({ length: 25 }, () => ask('/v1/teams'));
    await expect.poll(() => held.length).toBe(24);
    letGo();
    await expect.poll(() => held.length).toBe(1);
    letGo();
    expect(new Set(await Promise.all(begun))).toEqual(new Set([200]));
    expect(state.refused).toBe(0);
  });

  it('is refused at once where as many wait as are under way', async () => {
    const { state, held, ask, letGo } = await slowService();
    state.look(late);
    const begun = Array.from({ length: 60 }, () => ask('/v1/teams'));
    await expect.poll(() => held.length).toBe(24);
    await expect.poll(() => state.refused).toBe(12);
    letGo();
    await expect.poll(() => held.length).toBe(24);
    letGo();
    expect((await Promise.all(begun)).filter((status) => status === 200)).toHaveLength(48);
  });

  it('does not count who has hung up', async () => {
    const { state, held, ask, letGo } = await slowService();
    const begun = Array.from({ length: 250 }, () => ask('/v1/teams').catch(() => 0));
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(250);
    for (const { socket } of held.splice(0)) socket?.destroy();
    await Promise.all(begun);
    const next = ask('/v1/teams');
    await expect.poll(() => held.length).toBe(1);
    letGo();
    expect([await next, state.refused]).toEqual([200, 0]);
  });
});

it('everything that is said to hash passwords is served', () => {
  const { deps } = fakeService();
  const served = new Set(endpointsOf(deps).map(({ method, path }) => `${method.toUpperCase()} ${path}`));
  expect([...hashing].filter((known) => !served.has(known))).toEqual([]);
});

it('a refusal is a problem like any other that says when to come back; all are counted and logged once a second', async () => {
  const waiting: (() => void)[] = [];
  let look = (_load: LoopLoad): void => undefined;
  const counted: object[] = [];
  const { app, logged } = fakeService({
    admission: {
      onLoopLoad: (adapt) => (look = adapt),
      refused: (request, times) => counted.push({ ...request, times }),
      hashQueue: 64,
    },
    useCases: {
      resendVerification: () =>
        new Promise((resolve) => {
          waiting.push(() => {
            resolve({ position: 1n });
          });
        }),
    },
  });
  const port = await listening(createServer(app));
  const ask = () =>
    fetch(`http://127.0.0.1:${String(port)}/v1/registrations/resend`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com' }),
    });
  const begun = Array.from({ length: 250 }, ask);
  await expect.poll(() => waiting.length, { timeout: 10_000 }).toBe(250);
  const looking = setInterval(() => {
    look(idle);
  }, 5);
  const refused = await ask();
  const another = await ask();
  clearInterval(looking);
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
    503,
    '1',
    'application/problem+json',
  ]);
  const requestId = refused.headers.get('x-request-id');
  expect(await refused.json()).toMatchObject({ type: 'urn:problem:overloaded', status: 503, requestId });
  expect(another.headers.get('x-request-id')).not.toBe(requestId);
  expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
  expect(refused.headers.get('content-length')).toBe(another.headers.get('content-length'));
  const lines = () => logged.filter(({ route }) => route === 'overloaded');
  await expect.poll(() => lines().map(({ requests }) => requests), { timeout: 5000 }).toEqual([2]);
  expect(counted).toEqual([{ method: 'POST', route: 'overloaded', status: 503, seconds: 0, times: 2 }]);
  for (const answer of waiting) answer();
  await Promise.all(begun);
});

describe('a server that is about to end', () => {
  it('tells every client to use another connection, also those whose request is under way', async () => {
    const held: ServerResponse[] = [];
    const server = createServer((_request: IncomingMessage, response) => {
      held.push(response);
    });
    const closing = closingOf(server);
    const url = `http://127.0.0.1:${String(await listening(server))}`;
    const connectionOf = async (answer: Promise<Response>) => (await answer).headers.get('connection');
    const next = async () => {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      held.shift()?.end('done');
    };

    const before = connectionOf(fetch(url));
    await next();
    expect(await before).toBe('keep-alive');
    const during = connectionOf(fetch(url));
    await expect.poll(() => held.length).toBe(1);
    closing.afterAnswers();
    await next();
    expect(await during).toBe('close');
    const after = connectionOf(fetch(url));
    await next();
    expect(await after).toBe('close');
  });

  it('ends the connections that wait for nothing, also those that never asked, and no other', async () => {
    const held: ServerResponse[] = [];
    const server = createServer((_request: IncomingMessage, response) => {
      held.push(response);
    });
    const closing = closingOf(server);
    const port = await listening(server);
    const silent = connect(port, '127.0.0.1');
    const ended = once(silent, 'close');
    await once(server, 'connection');
    const asked = fetch(`http://127.0.0.1:${String(port)}`);
    await expect.poll(() => held.length).toBe(1);
    closing.idle();
    await ended;
    held.shift()?.end('done');
    expect(await (await asked).text()).toBe('done');
  });
});
