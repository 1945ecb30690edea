import type { ServerWritableStream } from '@grpc/grpc-js';
import { asCallError } from './errors.ts';

/** The answering side of a streaming call, whose messages are already encoded. */
export interface Outgoing {
  /** True while the other side takes more; after false, wait for `room`. */
  readonly send: (message: Buffer) => boolean;
  /** Resolves when there is room again, or when the call is over. */
  readonly room: () => Promise<void>;
  readonly isClosed: () => boolean;
  /** Calls back once when the call is over, for whatever reason. */
  readonly onClose: (listener: () => void) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** Bytes that may wait for a slow reader; the stream itself would count messages, whatever their size. */
const maxUnsentBytes = 128 * 1024;

type WritableCall = Pick<ServerWritableStream<unknown, Buffer>, 'write' | 'end' | 'on' | 'emit'>;

export function outgoing(call: WritableCall): Outgoing {
  let closed = false;
  let unsentBytes = 0;
  let resume: (() => void) | undefined;
  const listeners: (() => void)[] = [];
  const close = (): void => {
    if (closed) return;
    closed = true;
    resume?.();
    for (const listener of listeners) listener();
  };
  for (const event of ['cancelled', 'close', 'finish', 'error']) call.on(event, close);
  return {
    send: (message) => {
      if (closed) return true;
      const { length } = message;
      unsentBytes += length;
      call.write(message, () => {
        unsentBytes -= length;
        if (unsentBytes < maxUnsentBytes / 2) resume?.();
      });
      return unsentBytes < maxUnsentBytes;
    },
    room: () =>
      new Promise((resolve) => {
        if (closed || unsentBytes < maxUnsentBytes) resolve();
        else resume = resolve;
      }),
    isClosed: () => closed,
    onClose: (listener) => {
      if (closed) listener();
      else listeners.push(listener);
    },
    end: () => {
      if (!closed) call.end();
    },
    fail: (error) => {
      if (closed) return;
      call.emit('error', asCallError(error));
      close();
    },
  };
}
