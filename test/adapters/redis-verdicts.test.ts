import { once } from 'node:events';
import { afterEach, beforeAll, afterAll, expect, it, vi } from 'vitest';
import { listeningRedis, requestRedis } from '../../src/adapters/redis-client.ts';
import { redisVerdicts } from '../../src/adapters/redis-verdicts.ts';
import { breakable, freshPrefix, redisUrl } from './servers.ts';

const server = await breakable(redisUrl());
const redis = requestRedis(redisUrl(), { onError: () => undefined });
const listeners: ReturnType<typeof listeningRedis>[] = [];
beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.disconnect();
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

/** Of a process of its own. */
function process(prefix: string, url = redisUrl()) {
  const listener = listeningRedis(url, { onError: () => undefined });
  listeners.push(listener);
  return redisVerdicts({ redis, listener, prefix });
}

it('a verdict is heard in every process by those who listen for its login, until they stop', async () => {
  const prefix = freshPrefix();
  const [worker, first, second] = [process(prefix), process(prefix), process(prefix)];
  const heard: string[] = [];
  const stop = first.listen('login-1', () => heard.push('first'));
  second.listen('login-1', () => heard.push('second'));
  second.listen('login-2', () => heard.push('another login'));
  await vi.waitFor(() => {
    worker.announce('login-1');
    expect(new Set(heard)).toEqual(new Set(['first', 'second']));
  });
  stop();
  heard.length = 0;
  await vi.waitFor(() => {
    worker.announce('login-1');
    expect(heard).toContain('second');
  });
  expect(heard).not.toContain('first');
});

it('another installation on the same Redis hears nothing', async () => {
  const [ours, others] = [process(freshPrefix()), process(freshPrefix())];
  const heard: string[] = [];
  ours.listen('login-1', () => heard.push('ours'));
  others.listen('login-1', () => heard.push('others'));
  await vi.waitFor(() => {
    ours.announce('login-1');
    expect(heard).toContain('ours');
  });
  expect(heard).not.toContain('others');
});

it('listening goes on by itself when Redis was away, and an announcement to nobody is no failure', async () => {
  const prefix = freshPrefix();
  const [worker, api] = [process(prefix), process(prefix, server.url)];
  const heard: string[] = [];
  worker.announce('login-1');
  api.listen('login-1', () => heard.push('before'));
  await vi.waitFor(() => {
    worker.announce('login-1');
    expect(heard).toContain('before');
  });
  await server.cut();
  await server.heal();
  api.listen('login-2', () => heard.push('after'));
  await vi.waitFor(
    () => {
      worker.announce('login-2');
      expect(heard).toContain('after');
    },
    { timeout: 10_000 },
  );
});
