import type { ServerInterceptingCallInterface, ServerMethodDefinition } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { sendAhead } from '../../src/embedded/event-store/send-ahead.ts';

const kilobyte = 1024;

/** A call whose messages leave only when told to. */
function slowCall(method: { requestStream: boolean; responseStream: boolean }) {
  const onTheWire: (() => void)[] = [];
  const sent: unknown[] = [];
  const slow = {
    sendMetadata: () => undefined,
    sendMessage: (message: unknown, left: () => void) => {
      sent.push(message);
      onTheWire.push(left);
    },
  } as unknown as ServerInterceptingCallInterface;
  const call = sendAhead(method as ServerMethodDefinition<unknown, unknown>, slow);
  let taken = 0;
  return {
    sent,
    taken: () => taken,
    send: (bytes: number) => {
      call.sendMessage(Buffer.alloc(bytes), () => (taken += 1));
    },
    leave: () => onTheWire.shift()?.(),
  };
}

const reading = { requestStream: false, responseStream: true };

test('messages of a read follow each other before the first has left', () => {
  const call = slowCall(reading);
  for (let n = 0; n < 10; n += 1) call.send(kilobyte);
  expect(call.sent).toHaveLength(10);
  expect(call.taken()).toBe(10);
});

test('a slow reader is waited for, and the next message is taken when there is room, once', () => {
  const call = slowCall(reading);
  for (let n = 0; n < 63; n += 1) call.send(kilobyte);
  expect(call.taken()).toBe(63);
  call.send(2 * kilobyte);
  expect(call.taken()).toBe(63);
  call.leave();
  expect(call.taken()).toBe(63);
  call.leave();
  expect(call.taken()).toBe(64);
  for (let n = 0; n < 62; n += 1) call.leave();
  expect(call.taken()).toBe(64);
});

test('a message larger than that goes alone', () => {
  const call = slowCall(reading);
  call.send(100 * kilobyte);
  expect(call.taken()).toBe(0);
  call.leave();
  expect(call.taken()).toBe(1);
});

test('calls of other kinds are left as they are', () => {
  const call = slowCall({ requestStream: true, responseStream: true });
  call.send(1);
  expect(call.taken()).toBe(0);
  call.leave();
  expect(call.taken()).toBe(1);
});
