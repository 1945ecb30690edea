import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Message } from 'google-protobuf';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import codePb from '@eventstore/db-client/generated/code_pb.js';
import type { Code } from '@eventstore/db-client/generated/code_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { WrongExpectedVersion } from '@eventstore/db-client/generated/shared_pb.js';
import type { Expected } from './append-rules.ts';
import { maxAppendBytes } from './event.ts';
import type { WriteResult } from './write-plan.ts';

export type BatchResult =
  | WriteResult
  | { readonly kind: 'timeout' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * One append of a batch call, answered. The stream identifier is always there, and an error always has details:
 * the client breaks on an answer without them.
 */
export function batchAnswer(
  correlationId: string,
  { stream, expected }: { readonly stream: string; readonly expected: Expected },
  result: BatchResult,
): BatchAppendResp {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
  const answer = new streams.BatchAppendResp()
    .setCorrelationId(new shared.UUID().setString(correlationId))
    .setStreamIdentifier(identifier);
  if (result.kind === 'written' || result.kind === 'unchanged') {
    return answer.setSuccess(success(result.revision, result.position));
  }
  return answer.setError(refusal(stream, expected, result));
}

type Unsuccessful = Exclude<BatchResult, { kind: 'written' | 'unchanged' }>;

function refusal(stream: string, expected: Expected, result: Unsuccessful): Status {
  switch (result.kind) {
    case 'wrong-expected-version':
      return failure(codePb.Code.ALREADY_EXISTS, 'WrongExpectedVersion', wrongVersion(expected, result.current));
    case 'stream-deleted': {
      const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
      return failure(
        codePb.Code.NOT_FOUND,
        'StreamDeleted',
        new shared.StreamDeleted().setStreamIdentifier(identifier),
      );
    }
    case 'timeout':
      return failure(codePb.Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
    case 'too-large': {
      const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendBytes);
      return failure(codePb.Code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
    }
    case 'invalid':
      return failure(
        codePb.Code.INVALID_ARGUMENT,
        'BadRequest',
        new shared.BadRequest().setMessage(result.reason),
        result.reason,
      );
    case 'failed':
      return failure(codePb.Code.UNKNOWN, 'Unknown', new shared.Unknown());
  }
}

function failure(code: Code, name: string, details: Message, message = name): Status {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${name}`);
  return new statuses.Status().setCode(code).setMessage(message).setDetails(packed);
}

function success(revision: bigint, position: bigint | undefined): BatchAppendResp.Success {
  const message = new streams.BatchAppendResp.Success();
  if (revision < 0n) message.setNoStream(new empty.Empty());
  else message.setCurrentRevision(revision.toString());
  if (position === undefined) return message.setNoPosition(new empty.Empty());
  const place = new shared.AllStreamPosition().setCommitPosition(position.toString());
  return message.setPosition(place.setPreparePosition(position.toString()));
}

function wrongVersion(expected: Expected, current: bigint): WrongExpectedVersion {
  const message = new shared.WrongExpectedVersion();
  if (current < 0n) message.setCurrentNoStream(new empty.Empty());
  else message.setCurrentStreamRevision(current.toString());
  switch (expected.kind) {
    case 'any':
      return message.setExpectedAny(new empty.Empty());
    case 'stream-exists':
      return message.setExpectedStreamExists(new empty.Empty());
    case 'no-stream':
      return message.setExpectedNoStream(new empty.Empty());
    case 'revision':
      return message.setExpectedStreamPosition(expected.revision.toString());
  }
}
