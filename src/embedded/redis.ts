import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { keptSecret, logPath, logTail, randomPassword } from './data-folder.ts';
import { EmbeddedStartError, storageProblemNow } from './embedded-start-error.ts';
import { silenceOf, startGuarded } from './guarded-child.ts';
import type { Child } from './guarded-child.ts';
import { commandLine, endProcess, workingFolder } from './process-identity.ts';
import { findRedis } from './redis-binary.ts';

export interface EmbeddedRedis {
  child: Child;
  redisUrl: string;
}

const orphanMs = 10_000;

interface RedisStart {
  dataDir: string;
  packageDir: string;
  port: number;
  now: Date;
  say: (line: string) => void;
}

export async function startRedis({ dataDir, packageDir, port, now, say }: RedisStart): Promise<EmbeddedRedis> {
  const binary = await findRedis({ dataDir, packageDir, now, say });
  const folder = join(dataDir, 'redis');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const password = await keptSecret(join(dataDir, 'redis.password'), randomPassword);
  await endFormerRedis(folder);
  const configuration = join(folder, 'redis.conf');
  await writeFile(configuration, settings(folder, port, password), { mode: 0o600 });
  await chmod(configuration, 0o600);
  const log = logPath(dataDir, 'redis');
  const child = await startGuarded({ name: 'redis', ...binary, args: [configuration], endWith: 'TERM', log });
  const silence = await silenceOf(child, () => answers(port, password));
  if (silence !== undefined) {
    child.kill();
    throw await startFailed(dataDir, port, silence, await logTail(log));
  }
  return { child, redisUrl: `redis://:${password}@127.0.0.1:${port}` };
}

/** Redis does not lock its folder, so a killed parent's one, still saving, must be gone before the next starts. */
async function endFormerRedis(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, 'redis.pid'), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1 || !/(redis|valkey)-server/.test(await commandLine(pid))) return;
  const stands = await workingFolder(pid);
  if (stands !== undefined && stands !== folder) return; // another installation's, or the system's
  if ((await endProcess(pid, 'SIGTERM', orphanMs)) || (await endProcess(pid, 'SIGKILL', 1_000))) return;
  throw new EmbeddedStartError(
    `A Redis from an earlier run (process ${pid}) still uses ${folder} and does not end. End it with "kill ${pid}", then start again.`,
  );
}

const settings = (folder: string, port: number, password: string): string => `
bind 127.0.0.1
port ${port}
protected-mode yes
requirepass ${password}
daemonize no
dir "${folder.replaceAll(/(["\\])/g, '\\$1')}"
pidfile "${join(folder, 'redis.pid').replaceAll(/(["\\])/g, '\\$1')}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
`;

async function startFailed(dataDir: string, port: number, how: string, said: string): Promise<EmbeddedStartError> {
  const sentence = await storageProblemNow(said, dataDir);
  if (sentence !== undefined) return new EmbeddedStartError(sentence);
  if (/Address already in use/i.test(said)) {
    return new EmbeddedStartError(
      `Port ${port}, wanted for Redis, was taken by another program. Stop that program, or set EMBEDDED_REDIS_PORT to a port that is free.`,
    );
  }
  return new EmbeddedStartError(
    `Redis did not start (${how}); ${logPath(dataDir, 'redis')} says why. If its files are damaged, restore ${dataDir} from a backup, or move ${join(dataDir, 'redis')} away: people sign in again, and accounts are untouched.`,
  );
}

/** While it loads its files, Redis answers with `-LOADING`. */
async function answers(port: number, password: string): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    socket.setTimeout(1_000, () => socket.destroy(new Error('No answer.')));
    await once(socket, 'connect');
    socket.write(`AUTH ${password}\r\nPING\r\nQUIT\r\n`);
    let said = '';
    for await (const chunk of socket) said += String(chunk);
    return said.includes('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
