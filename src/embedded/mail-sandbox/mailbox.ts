import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../embedded-start-error.ts';
import { receivedMessage, recipientsOf } from './message.ts';
import type { ReceivedMessage } from './message.ts';

/** The messages received, newest first. */
export interface Mailbox {
  /** Settles when the messages are on the disk. */
  add: (messages: readonly ReceivedMessage[]) => Promise<void>;
  list: () => readonly ReceivedMessage[];
  to: (address: string) => readonly ReceivedMessage[];
  find: (id: string) => ReceivedMessage | undefined;
  empty: () => Promise<void>;
  close: () => Promise<void>;
}

const mostMessages = 1_000;

/** Keeps the newest 1,000 messages in `<folder>/messages.ndjson`, readable by their owner alone: they hold links that sign in. */
export async function openMailbox(folder: string): Promise<Mailbox> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'messages.ndjson');
  let messages = await readMessages(path);
  let file = await rewrite(path, messages);
  let lines = messages.length;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const replaceFile = async (kept: ReceivedMessage[]): Promise<void> => {
    const next = await rewrite(path, kept);
    await file.close();
    [file, messages, lines] = [next, kept, kept.length];
  };
  return {
    add: (added) =>
      inTurn(async () => {
        await file.appendFile(added.map((message) => `${JSON.stringify(message)}\n`).join(''));
        await file.datasync();
        messages = [...added.toReversed(), ...messages].slice(0, mostMessages);
        lines += added.length;
        if (lines > 2 * mostMessages) await replaceFile(messages);
      }),
    list: () => messages,
    to: (address) => messages.filter((message) => recipientsOf(message).includes(address.trim().toLowerCase())),
    find: (id) => messages.find(({ MessageID }) => MessageID === id),
    empty: () => inTurn(() => replaceFile([])),
    close: () => inTurn(() => file.close()),
  };
}

/** A line that a crash left half written, or that is damaged otherwise, is passed over. */
async function readMessages(path: string): Promise<ReceivedMessage[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  const messages = text.split('\n').flatMap((line) => {
    const message = receivedMessage.safeParse(parsed(line));
    return message.success ? [message.data] : [];
  });
  return messages.toReversed().slice(0, mostMessages);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function rewrite(path: string, newestFirst: readonly ReceivedMessage[]): Promise<FileHandle> {
  const draft = `${path}.new`;
  const lines = newestFirst.toReversed().map((message) => `${JSON.stringify(message)}\n`);
  await writeFile(draft, lines.join(''), { mode: 0o600, flush: true });
  await rename(draft, path);
  return open(path, 'a', 0o600);
}
