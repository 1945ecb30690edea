import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import { expect, test } from 'vitest';
import { decodeReadResponse, DamagedMessage } from '../../src/adapters/eventstoredb-wire.ts';

const id = '0192a000-0000-7000-8000-000000000001';
const { ReadResp } = pb;

interface Given {
  readonly revision?: string;
  readonly commit?: string;
  readonly contentType?: string;
  readonly data?: Buffer;
}

/** As the client's generated code writes it. */
function written({ revision = '0', commit = '1', contentType = 'application/json', data }: Given = {}): Buffer {
  const uuid = new shared.UUID();
  uuid.setString(id.toUpperCase());
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Buffer.from('test_user-ä').toString('base64'));
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(uuid);
  recorded.setStreamIdentifier(stream);
  recorded.setStreamRevision(revision);
  recorded.setPreparePosition(commit);
  recorded.setCommitPosition(commit);
  recorded.getMetadataMap().set('type', 'UserRegistered');
  recorded.getMetadataMap().set('content-type', contentType);
  recorded.getMetadataMap().set('created', '17672712456789012');
  recorded.setCustomMetadata(Buffer.from('{"a":1}'));
  recorded.setData(data ?? Buffer.from('{"b":2}'));
  const event = new ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(commit);
  const message = new ReadResp();
  message.setEvent(event);
  return Buffer.from(message.serializeBinary());
}

function checkpoint(commit: string): Buffer {
  const reached = new ReadResp.Checkpoint();
  reached.setCommitPosition(commit);
  reached.setPreparePosition(commit);
  const message = new ReadResp();
  message.setCheckpoint(reached);
  return Buffer.from(message.serializeBinary());
}

test('an event reads as it was written', () => {
  expect(decodeReadResponse(written({ revision: '300' }))).toEqual({
    kind: 'event',
    event: {
      id,
      type: 'UserRegistered',
      stream: 'test_user-ä',
      revision: 300n,
      position: 1n,
      createdMs: 1_767_271_245_678,
      isJson: true,
      data: Buffer.from('{"b":2}'),
      metadata: Buffer.from('{"a":1}'),
    },
  });
});

test('what is no JSON is said to be none, and keeps its bytes', () => {
  const data = Buffer.from([0, 255, 128]);
  expect(decodeReadResponse(written({ contentType: 'application/octet-stream', data }))).toMatchObject({
    event: { isJson: false, data },
  });
});

test.each(['0', '127', '128', '562949953421311', '562949953421312', '9007199254740993', '18446744073709551615'])(
  'the position %s is read exactly',
  (commit) => {
    expect(decodeReadResponse(written({ commit }))).toMatchObject({ event: { position: BigInt(commit) } });
    expect(decodeReadResponse(checkpoint(commit))).toEqual({ kind: 'checkpoint', position: BigInt(commit) });
  },
);

test('the end of the log and what is not of interest are told apart', () => {
  const live = new ReadResp();
  live.setCaughtUp(new ReadResp.CaughtUp());
  const confirmed = new ReadResp();
  const confirmation = new ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId('one');
  confirmed.setConfirmation(confirmation);
  expect(decodeReadResponse(Buffer.from(live.serializeBinary()))).toEqual({ kind: 'caught-up' });
  expect(decodeReadResponse(Buffer.from(confirmed.serializeBinary()))).toEqual({ kind: 'other' });
});

test('fields that a later release adds are passed over, of every wire type', () => {
  const added = Buffer.from([0xf8, 1, 5, 0xf9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 1, 2, 9, 9, 0xfd, 1, 1, 2, 3, 4]);
  expect(decodeReadResponse(Buffer.concat([added, checkpoint('7')]))).toEqual({ kind: 'checkpoint', position: 7n });
});

test('a message that is cut short anywhere is never read as an event', () => {
  const whole = written();
  for (let length = 1; length < whole.length; length += 1) {
    expect(() => decodeReadResponse(whole.subarray(0, length)), `${length} bytes`).toThrow(DamagedMessage);
  }
});
