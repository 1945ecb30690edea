import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { signalQuietly } from './process-identity.ts';

/** A process that belongs to this one: it is told to end when this one stops or dies. */
export interface Child {
  name: string;
  pid: number;
  /** How it ended, in words. Never rejects. */
  exited: Promise<string>;
  /** Asks it to end; the answer is `exited`. */
  stop: () => void;
  kill: () => void;
}

export interface Command {
  name: string;
  command: string;
  args: readonly string[];
  /** Sent when this process stops or dies: INT is PostgreSQL's fast shutdown. */
  endWith: 'INT' | 'TERM';
  /** Truncated; takes standard output and standard error. */
  log: string;
  env: Record<string, string>;
  owner?: { uid: number; gid: number };
}

// The pipe on standard input is held by the parent alone. When it closes, because the parent let go or died (SIGKILL
// included), the watcher signals the server. The guard ends with the server, and takes its exit code on.
const guard = `
signal=$1; shift
exec 3<&0
"$@" </dev/null 1>&2 3<&- &
child=$!
echo "$child"
{ read -r _; kill -s "$signal" "$child"; } <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&- 0</dev/null 1>/dev/null
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

function spawnGuard({ command, args, endWith, env, owner }: Command, errors: number | 'pipe'): ChildProcess {
  return spawn('/bin/sh', ['-c', guard, 'guard', endWith, command, ...args], {
    cwd: '/',
    detached: true,
    env,
    stdio: ['pipe', 'pipe', errors],
    ...owner,
  });
}

/** Starts a server under a small POSIX shell guard, in a session of its own so that Ctrl-C reaches only the parent. */
export async function startGuarded(command: Command): Promise<Child> {
  const logFile = await open(command.log, 'w', 0o600);
  try {
    const shell = spawnGuard(command, logFile.fd);
    const exited = once(shell, 'exit').then(([code, signal]) => ending(code as number | null, signal as string | null));
    const failed = once(shell, 'error').then(([error]) => Promise.reject(error as Error));
    failed.catch(() => undefined);
    const pid = await Promise.race([firstLine(shell), failed, exited]).then(Number);
    const kill = (): void => {
      signalQuietly(pid, 'SIGKILL');
      if (shell.pid !== undefined) signalQuietly(-shell.pid, 'SIGKILL');
    };
    return { name: command.name, pid, exited, stop: letGo.bind(undefined, shell), kill };
  } finally {
    await logFile.close();
  }
}

/** Asks a child to end, by force when `deadline` passes first, and waits until it is gone. */
export async function endChild(child: Child, deadline: Promise<void>): Promise<void> {
  child.stop();
  const force = deadline.then(() => {
    child.kill();
  });
  await Promise.race([child.exited, force]);
  await child.exited;
}

const pollMs = 20;
const readyMs = 60_000; // reading a long log after a crash comes before the first answer

/** Waits until a server answers. Undefined when it does; else why not: how it ended, or that it keeps silent. */
export async function silenceOf(child: Child, answers: () => Promise<boolean>): Promise<string | undefined> {
  let ended: string | undefined;
  void child.exited.then((how) => (ended = how));
  for (let waited = 0; waited < readyMs; waited += pollMs) {
    if (ended !== undefined) return ended;
    if (await answers()) return undefined;
    await pause(pollMs);
  }
  return `no answer within ${readyMs / 1_000} s`;
}

/** Runs a command to its end under the guard. */
export async function runGuarded(command: Command): Promise<Finished> {
  const shell = spawnGuard(command, 'pipe');
  shell.stdout?.resume();
  let output = '';
  shell.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-outputLimit);
  });
  const [code] = (await once(shell, 'close')) as [number | null];
  await writeFile(command.log, output, { mode: 0o600 }).catch(() => undefined); // a full disk is told by the output
  return { succeeded: code === 0, output };
}

export interface Finished {
  succeeded: boolean;
  /** Standard output and standard error, the end of it. */
  output: string;
}

const outputLimit = 65_536;

/** Closing the pipe tells the guard to end its server; the guard may be gone already. */
function letGo(shell: ChildProcess): void {
  shell.stdin?.on('error', () => undefined).end();
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) return '';
  for await (const line of createInterface({ input: stdout })) return line;
  return '';
}

/** A shell reports a child that a signal ended as 128 and the signal's number. */
export function ending(code: number | null, signal: string | null): string {
  if (signal !== null) return `signal ${signal}`;
  const number = (code ?? 0) - 128;
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? `exit code ${code ?? 0}` : `signal ${name}`;
}
