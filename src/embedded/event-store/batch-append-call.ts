import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { batchAnswer, type BatchResult } from './batch-answers.ts';
import { createFragments, type Assembled, type BatchedAppend } from './batch-fragments.ts';
import { asCallError, CallError, unavailable } from './errors.ts';
import type { Writer } from './writer.ts';

const maxHeldBytes = 8 * 1024 * 1024;
const sweepMs = 500;

export type BatchAppendCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * A long-lived call that carries many appends. Each gets exactly one answer, unless its outcome is unknown: then the
 * whole call ends with UNAVAILABLE, the only way the protocol has to say so.
 *
 * @returns ends the call once everything that was accepted is answered.
 */
export function answerBatchAppend(writer: Writer, now: () => number, call: BatchAppendCall): () => void {
  const fragments = createFragments(now);
  const answering = createAnswering(call, fragments.bytes, writer);
  const sweep = setInterval(() => {
    fragments.expired().forEach(answering.conclude);
  }, sweepMs).unref();
  call.on('data', (request: BatchAppendReq) => {
    if (answering.isOver()) return;
    try {
      const assembled = fragments.take(request);
      if (assembled !== undefined) answering.conclude(assembled);
      answering.regulate();
    } catch (error) {
      answering.fail(error);
    }
  });
  call.on('end', () => {
    answering.endWith('half-closed');
  });
  for (const event of ['cancelled', 'close', 'error', 'finish']) {
    call.on(event, () => {
      clearInterval(sweep);
      answering.abandon();
    });
  }
  return () => {
    answering.endWith('shutting-down');
  };
}

type Ending = 'half-closed' | 'shutting-down';

interface Answering {
  conclude: (assembled: Assembled) => void;
  fail: (error: unknown) => void;
  /** Stops reading while too much is held, and goes on when there is room. */
  regulate: () => void;
  endWith: (ending: Ending) => void;
  abandon: () => void;
  isOver: () => boolean;
}

function createAnswering(call: BatchAppendCall, unfinishedBytes: () => number, writer: Writer): Answering {
  const submitted = { count: 0, bytes: 0 };
  let ending: Ending | undefined;
  let over = false;
  const fail = (error: unknown): void => {
    if (over) return;
    over = true;
    call.emit('error', asCallError(error));
  };
  const endIfAnswered = (): void => {
    if (over || submitted.count > 0 || ending === undefined) return;
    if (ending === 'shutting-down') fail(unavailable('Server Is Shutting Down'));
    else call.end();
  };
  const answer = ({ id, stream, expected }: BatchedAppend, result: BatchResult): void => {
    if (!over) call.write(batchAnswer(id, { stream, expected }, result));
  };
  const regulate = (): void => {
    const isFull = unfinishedBytes() + submitted.bytes >= maxHeldBytes;
    if (isFull !== call.isPaused()) call[isFull ? 'pause' : 'resume']();
  };
  const submit = async (append: BatchedAppend): Promise<void> => {
    submitted.count += 1;
    submitted.bytes += append.bytes;
    const result = await write(writer, append);
    submitted.count -= 1;
    submitted.bytes -= append.bytes;
    if (result instanceof CallError) fail(result);
    else answer(append, result);
    regulate();
    endIfAnswered();
  };
  return {
    fail,
    regulate,
    isOver: () => over,
    abandon: () => (over = true),
    conclude: ({ append, refusal }) => {
      if (refusal === undefined) void submit(append);
      else answer(append, refusal);
    },
    endWith: (wanted) => {
      ending ??= wanted;
      endIfAnswered();
    },
  };
}

/** An error means that the outcome is unknown. */
function write(
  writer: Writer,
  { stream, expected, events, deadlineMs }: BatchedAppend,
): Promise<BatchResult | CallError> {
  return writer.submit({ kind: 'append', stream, expected, events }, deadlineMs).catch((error: unknown) => {
    const refusal = asCallError(error);
    return refusal.code === status.UNKNOWN ? { kind: 'failed' } : refusal;
  });
}
