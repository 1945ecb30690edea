import { status } from '@grpc/grpc-js';
import type { CommitLog } from './commit-log.ts';
import { isRefusedStatement } from './database.ts';
import { encodeEvent } from './encode.ts';
import { CallError, unavailable } from './errors.ts';
import type { StoredEvent } from './event.ts';
import type { StreamStates } from './stream-states.ts';
import { commitGroup } from './write-group.ts';
import type { WriteCommand } from './write-plan.ts';
import { createWriteQueue, type WriteOutcome, type WriteQueue } from './write-queue.ts';
import type { WriterSession } from './writer-session.ts';

export interface Writer {
  /** Resolves once the outcome is durable; rejects with UNAVAILABLE when it is unknown. */
  submit: (command: WriteCommand, deadlineMs?: number) => Promise<WriteOutcome>;
  isAvailable: () => boolean;
  /** Commits what was submitted before, then gives the lock back. */
  close: () => Promise<void>;
}

export interface WriterDependencies {
  /** The first time: fails when Postgres or the lock cannot be had. */
  readonly open: (lost: () => void) => Promise<WriterSession>;
  /** After a loss: goes on trying, and fails only when nobody waits any more. */
  readonly reopen: (lost: () => void) => Promise<WriterSession>;
  readonly log: CommitLog;
  readonly states: StreamStates;
  readonly now: () => number;
  readonly newId: () => string;
}

const maxQueuedBytes = 64 * 1024 * 1024;

/** The only writer of the log: what arrives while one commit is on its way to the disk goes into the next. */
export async function openWriter(dependencies: WriterDependencies): Promise<Writer> {
  const { log, states } = dependencies;
  const queue = createWriteQueue();
  let session: WriterSession | undefined;
  let running: Promise<void> | undefined;
  let closing = false;

  const lose = (lostSession: WriterSession): void => {
    if (session !== lostSession || closing) return;
    session = undefined;
    states.clear();
    queue.rejectAll(unavailable());
    void lostSession.end();
    connect(dependencies.reopen).catch(() => undefined);
  };
  const connect = async (open: WriterDependencies['open']): Promise<void> => {
    const opened = await open(() => {
      lose(opened);
    });
    if (closing) return opened.end();
    states.clear();
    session = opened;
    log.resume(opened.head);
  };
  const run = async (): Promise<void> => {
    while (!queue.isEmpty() && session !== undefined) {
      const current = session;
      if (!(await commitNext(queue, current, () => session === current, dependencies))) lose(current);
    }
    running = undefined;
  };

  await connect(dependencies.open);
  return {
    isAvailable: () => session !== undefined && !closing,
    submit: (command, deadlineMs = Number.POSITIVE_INFINITY) => {
      if (session === undefined || closing) return Promise.reject(unavailable());
      if (queue.bytes() > maxQueuedBytes) return Promise.reject(unavailable('Server Is Too Busy'));
      return new Promise((resolve, reject) => {
        queue.push({ command, deadlineMs, resolve, reject });
        running ??= Promise.resolve().then(run);
      });
    },
    close: async () => {
      closing = true;
      await running;
      await session?.end();
    },
  };
}

/** Commits and answers the next writes; false when the connection can no longer be trusted. */
async function commitNext(
  queue: WriteQueue,
  session: WriterSession,
  holdsLock: () => boolean,
  { log, states, now, newId }: WriterDependencies,
): Promise<boolean> {
  const group = queue.takeGroup(now());
  if (group.length === 0) return true;
  try {
    const context = { run: session.run, states, head: log.head(), nowMs: now(), newId };
    const commands = group.map(({ command }) => command);
    const { results, events } = await commitGroup(commands, context);
    // Too late: the log has been or will be read again from the table.
    if (!holdsLock()) throw unavailable();
    queue.putBack(group.splice(results.length));
    publish(log, events);
    for (const [index, { resolve }] of group.entries()) {
      const result = results[index];
      if (result !== undefined) resolve(result);
    }
    return true;
  } catch (error) {
    states.clear();
    const isRefused = isRefusedStatement(error);
    const answer = isRefused ? new CallError(status.UNKNOWN, 'The server failed to write its log.') : unavailable();
    for (const { reject } of group) reject(answer);
    return isRefused;
  }
}

function publish(log: CommitLog, events: readonly StoredEvent[]): void {
  if (events.length === 0) return;
  log.publish(
    events.map((event) => {
      const { position, stream, revision, type } = event;
      return { position, stream, revision, type, bytes: encodeEvent(event, 'string') };
    }),
  );
}
