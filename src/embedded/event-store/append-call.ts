import { status, type sendUnaryData, type ServerReadableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './append-rules.ts';
import { appendTooLarge, asCallError, CallError, invalidArgument, streamDeleted } from './errors.ts';
import { maxAppendBytes, type NewEvent } from './event.ts';
import { readProposedEvent, readStreamName } from './messages.ts';
import { expectedIn } from './expected.ts';
import type { Writer } from './writer.ts';

interface Target {
  readonly stream: string;
  readonly expected: Expected;
}

/** One append as a stream of messages: the options, then the events; closing it commits them. */
export function answerAppend(
  writer: Writer,
  call: ServerReadableStream<AppendReq, AppendResp>,
  callback: sendUnaryData<AppendResp>,
): void {
  const collected = collectEvents();
  let answered = false;
  const refuse = (error: unknown): void => {
    if (answered) return;
    answered = true;
    callback(asCallError(error));
  };
  call.on('data', (request: AppendReq) => {
    if (answered) return;
    try {
      collected.take(request);
    } catch (error) {
      refuse(error);
    }
  });
  call.on('end', () => {
    if (answered || call.cancelled) return;
    const target = collected.target();
    if (target === undefined) {
      refuse(invalidArgument('The append options are missing.'));
      return;
    }
    appendAll(writer, target, collected.events).then((response) => {
      callback(null, response);
    }, refuse);
  });
}

function collectEvents(): { target: () => Target | undefined; events: NewEvent[]; take: (request: AppendReq) => void } {
  let target: Target | undefined;
  let bytes = 0;
  const events: NewEvent[] = [];
  return {
    target: () => target,
    events,
    take: (request) => {
      if (target === undefined) {
        target = readTarget(request.getOptions());
        return;
      }
      const message = request.getProposedMessage();
      if (message === undefined) throw invalidArgument('An event is expected after the options.');
      const event = readProposedEvent(message);
      bytes += event.data.length + event.metadata.length;
      if (bytes > maxAppendBytes) throw appendTooLarge();
      events.push(event);
    },
  };
}

function readTarget(options: AppendReq.Options | undefined): Target {
  if (options === undefined) throw invalidArgument('The append options come first.');
  return { stream: readStreamName(options.getStreamIdentifier()), expected: expectedIn(options) };
}

async function appendAll(
  writer: Writer,
  { stream, expected }: Target,
  events: readonly NewEvent[],
): Promise<AppendResp> {
  const response = new streams.AppendResp();
  const result = await writer.submit({ kind: 'append', stream, expected, events });
  switch (result.kind) {
    case 'stream-deleted':
      throw streamDeleted(stream);
    case 'timeout':
      throw new CallError(status.ABORTED, 'The append timed out.');
    case 'wrong-expected-version':
      return response.setWrongExpectedVersion(wrongVersion(expected, result.current));
    case 'written':
    case 'unchanged':
      return response.setSuccess(success(result.revision, result.position));
  }
}

function success(revision: bigint, position: bigint | undefined): AppendResp.Success {
  const message = new streams.AppendResp.Success();
  if (revision < 0n) message.setNoStream(new shared.Empty());
  else message.setCurrentRevision(revision.toString());
  if (position === undefined) return message.setNoPosition(new shared.Empty());
  const place = new streams.AppendResp.Position().setCommitPosition(position.toString());
  return message.setPosition(place.setPreparePosition(position.toString()));
}

function wrongVersion(expected: Expected, current: bigint): AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0n) message.setCurrentNoStream(new shared.Empty());
  else message.setCurrentRevision(current.toString());
  switch (expected.kind) {
    case 'any':
      return message.setExpectedAny(new shared.Empty());
    case 'stream-exists':
      return message.setExpectedStreamExists(new shared.Empty());
    case 'no-stream':
      return message.setExpectedNoStream(new shared.Empty());
    case 'revision':
      return message.setExpectedRevision(expected.revision.toString());
  }
}
