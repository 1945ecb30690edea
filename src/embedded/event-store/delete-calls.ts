import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { CallError, invalidArgument, streamDeleted, wrongExpectedVersion } from './errors.ts';
import { expectedIn } from './expected.ts';
import { readStreamName } from './messages.ts';
import type { Writer } from './writer.ts';

export async function answerDelete(writer: Writer, request: DeleteReq): Promise<DeleteResp> {
  const position = await submit(writer, 'delete', request.getOptions());
  const place = new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position);
  return new streams.DeleteResp().setPosition(place);
}

export async function answerTombstone(writer: Writer, request: TombstoneReq): Promise<TombstoneResp> {
  const position = await submit(writer, 'tombstone', request.getOptions());
  const place = new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position);
  return new streams.TombstoneResp().setPosition(place);
}

type Options = ReturnType<DeleteReq['getOptions']> | ReturnType<TombstoneReq['getOptions']>;

async function submit(writer: Writer, kind: 'delete' | 'tombstone', options: Options): Promise<string> {
  if (options === undefined) throw invalidArgument('The options are missing.');
  const stream = readStreamName(options.getStreamIdentifier() ?? new shared.StreamIdentifier());
  const expected = expectedIn(options);
  const result = await writer.submit({ kind, stream, expected, events: [] });
  switch (result.kind) {
    case 'stream-deleted':
      throw streamDeleted(stream);
    case 'wrong-expected-version':
      throw wrongExpectedVersion(stream, expected, result.current);
    case 'timeout':
      throw new CallError(status.ABORTED, `The ${kind} timed out.`);
    case 'written':
      return result.position.toString();
    case 'unchanged':
      throw new CallError(status.UNKNOWN, `The ${kind} wrote nothing.`);
  }
}
