import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { ServersReport } from './servers-process.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const entry = fileURLToPath(new URL('./servers-process.ts', import.meta.url));

it('the tests run against the servers that DATABASE_URL, REDIS_URL and EVENTSTORE_URL name', async () => {
  // Nobody listens there, so whatever answered would have been started for it.
  const given = {
    DATABASE_URL: 'postgres://somebody@127.0.0.1:1/theirs',
    REDIS_URL: 'redis://127.0.0.1:2',
    EVENTSTORE_URL: 'esdb://127.0.0.1:3?tls=false',
  };
  const child = fork(entry, { execArgv: ['--import', tsx], env: { ...process.env, ...given } });
  const exited = once(child, 'exit');
  const [report] = (await once(child, 'message')) as [ServersReport];
  child.disconnect();
  expect(report).toEqual({
    postgres: given.DATABASE_URL,
    redis: given.REDIS_URL,
    eventStore: given.EVENTSTORE_URL,
  });
  expect(await exited).toEqual([0, null]);
});
