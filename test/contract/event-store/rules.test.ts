import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAppend, type Expected, type Occurrence } from '../../../src/embedded/event-store/append-rules.ts';
import { createCheckpoints } from '../../../src/embedded/event-store/checkpoints.ts';
import { createCommitLog } from '../../../src/embedded/event-store/commit-log.ts';
import { decideDelete, decideTombstone } from '../../../src/embedded/event-store/delete-rules.ts';
import { encodeEvent } from '../../../src/embedded/event-store/encode.ts';
import { lastPossibleRevision } from '../../../src/embedded/event-store/event.ts';
import { linearExpression } from '../../../src/embedded/event-store/filters.ts';
import {
  lowestVisibleRevision,
  parseLimits,
  type StreamState,
} from '../../../src/embedded/event-store/stream-state.ts';

const any: Expected = { kind: 'any' };
const noStream: Expected = { kind: 'no-stream' };
const exists: Expected = { kind: 'stream-exists' };
const at = (revision: number): Expected => ({ kind: 'revision', revision: BigInt(revision) });

const missing: StreamState = { lastRevision: -1n, hasMetadata: false, limits: {} };
const described: StreamState = { ...missing, hasMetadata: true };
const three: StreamState = { ...missing, lastRevision: 2n };
const softDeleted: StreamState = { ...three, hasMetadata: true, limits: { truncateBefore: lastPossibleRevision } };
const tombstoned: StreamState = { ...three, lastRevision: lastPossibleRevision };

/** The stream holds a, b and c; positions are ten times the revision. */
const stored = ['a', 'b', 'c'];
const occurrences = (id: string): Occurrence[] =>
  stored.flatMap((one, revision) =>
    one === id ? [{ revision: BigInt(revision), position: BigInt(revision * 10) }] : [],
  );

describe('whether an append goes through', () => {
  const append = { kind: 'append' };
  const deleted = { kind: 'stream-deleted' };
  const wrong = (current: bigint): object => ({ kind: 'wrong-expected-version', current });
  const unchanged = (revision: number): object => ({
    kind: 'unchanged',
    revision: BigInt(revision),
    position: BigInt(revision * 10),
  });

  it.each<[string, StreamState, Expected, string[], object]>([
    ['nothing in particular, on a new stream', missing, any, ['x'], append],
    ['nothing in particular, unknown ids', three, any, ['x', 'a'], append],
    ['nothing in particular, ids all known', three, any, ['a', 'b'], unchanged(1)],
    ['nothing in particular, a later id unknown', three, any, ['a', 'x'], wrong(2n)],
    ['nothing in particular, no events', three, any, [], { kind: 'unchanged', revision: 2n, position: undefined }],
    ['nothing in particular, tombstoned', tombstoned, any, ['x'], deleted],
    ['existence, of nothing', missing, exists, ['x'], wrong(-1n)],
    ['existence, of metadata only', described, exists, ['x'], append],
    ['existence, of a stream', three, exists, ['x'], append],
    ['existence, of a soft-deleted stream', softDeleted, exists, ['x'], deleted],
    ['no stream, of none', missing, noStream, ['x'], append],
    ['no stream, of one', three, noStream, ['x'], wrong(2n)],
    ['no stream, a repetition', three, noStream, ['a', 'b'], unchanged(1)],
    ['no stream, a longer repetition', three, noStream, ['a', 'b', 'c', 'd'], wrong(2n)],
    ['no stream, of a soft-deleted one', softDeleted, noStream, ['x'], append],
    ['no stream, tombstoned', tombstoned, noStream, ['x'], deleted],
    ['the current revision', three, at(2), ['x'], append],
    ['the current revision, with ids used before', three, at(2), ['a'], append],
    ['a later revision', three, at(3), ['x'], wrong(2n)],
    ['an earlier revision, a repetition', three, at(0), ['b', 'c'], unchanged(2)],
    ['an earlier revision, ids in another order', three, at(0), ['c', 'b'], wrong(2n)],
    ['an earlier revision, no events', three, at(0), [], wrong(2n)],
  ])('expecting %s', (_, state, expected, ids, decision) => {
    expect(decideAppend(state, expected, ids, occurrences)).toEqual(decision);
  });

  const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 5 });

  it('answers a repetition as it answered the original, whatever was appended in between', () => {
    fc.assert(
      fc.property(ids, fc.nat(20), fc.nat(20), fc.boolean(), (appended, before, after, exactly) => {
        const first = BigInt(before);
        const state: StreamState = { ...missing, lastRevision: first + BigInt(appended.length + after) - 1n };
        const where = (id: string): Occurrence[] => {
          const index = appended.indexOf(id);
          return index < 0 ? [] : [{ revision: first + BigInt(index), position: 100n + BigInt(index) }];
        };
        const expected: Expected = exactly ? { kind: 'revision', revision: first - 1n } : any;
        if (exactly && after === 0 && appended.length === 0) return;
        const last = where(appended.at(-1) ?? '')[0];
        expect(decideAppend(state, expected, appended, where)).toEqual({ kind: 'unchanged', ...last });
      }),
    );
  });

  it('never appends at a revision other than the expected one', () => {
    const state = fc.bigInt(-1n, 50n).map((lastRevision): StreamState => ({ ...missing, lastRevision }));
    fc.assert(
      fc.property(state, fc.bigInt(-1n, 60n), ids, (current, revision, appended) => {
        const { kind } = decideAppend(current, { kind: 'revision', revision }, appended, () => []);
        expect(kind === 'append').toBe(revision === current.lastRevision);
      }),
    );
  });
});

describe('whether a stream may be deleted', () => {
  it('softly: only one that is or was there, and as expected', () => {
    expect(decideDelete(missing, any)).toMatchObject({ kind: 'wrong-expected-version' });
    expect(decideDelete(described, noStream)).toBeUndefined();
    expect(decideDelete(three, at(2))).toBeUndefined();
    expect(decideDelete(three, at(1))).toEqual({ kind: 'wrong-expected-version', current: 2n });
    expect(decideDelete(softDeleted, exists)).toEqual({ kind: 'stream-deleted' });
    expect(decideDelete(tombstoned, any)).toEqual({ kind: 'stream-deleted' });
  });

  it('for ever: any that is as expected, once', () => {
    expect(decideTombstone(missing, noStream)).toBeUndefined();
    expect(decideTombstone(missing, exists)).toMatchObject({ kind: 'wrong-expected-version' });
    expect(decideTombstone(tombstoned, any)).toEqual({ kind: 'stream-deleted' });
  });
});

describe('what metadata hides', () => {
  it('is read from JSON with all digits of $tb, and malformed metadata hides nothing', () => {
    const limits = (text: string): object => parseLimits(Buffer.from(text));
    expect(limits('{"$tb":9223372036854775807}')).toEqual({ truncateBefore: lastPossibleRevision });
    expect(limits('{"nested":{"$tb":1}, "$tb": 9223372036854775806}')).toEqual({
      truncateBefore: 9223372036854775806n,
    });
    expect(limits('{"$maxCount":3,"$maxAge":60}')).toEqual({ maxCount: 3n, maxAgeSeconds: 60 });
    expect(limits('{"$maxCount":0,"$tb":-1,"$maxAge":"x"}')).toEqual({});
    expect(limits('{"$tb":')).toEqual({});
    expect(limits('[1]')).toEqual({});
  });

  it('never hides the last event by count, nor shows more than the count', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 100n),
        fc.bigInt(1n, 100n),
        fc.bigInt(0n, 100n),
        (lastRevision, maxCount, truncateBefore) => {
          const lowest = lowestVisibleRevision('s', {
            lastRevision,
            hasMetadata: true,
            limits: { maxCount, truncateBefore },
          });
          expect(lowest).toBeGreaterThanOrEqual(truncateBefore);
          expect(lastRevision - lowest + 1n).toBeLessThanOrEqual(maxCount);
          expect(lowest).toBeLessThanOrEqual(truncateBefore > lastRevision ? truncateBefore : lastRevision);
        },
      ),
    );
  });
});

function bitsOf(id: string): { mostSignificantBits: string; leastSignificantBits: string } {
  const hex = id.replaceAll('-', '');
  const signed = (half: string): string => BigInt.asIntN(64, BigInt(`0x${half}`)).toString();
  return { mostSignificantBits: signed(hex.slice(0, 16)), leastSignificantBits: signed(hex.slice(16)) };
}

it('encodes every event so that the generated code reads it back', () => {
  const event = fc.record({
    position: fc.bigInt(1n, lastPossibleRevision),
    revision: fc.bigInt(0n, lastPossibleRevision),
    stream: fc.string({ minLength: 1, unit: 'grapheme' }),
    type: fc.string({ minLength: 1, unit: 'grapheme' }),
    id: fc.uuid(),
    isJson: fc.boolean(),
    data: fc.uint8Array({ maxLength: 400 }),
    metadata: fc.uint8Array({ maxLength: 200 }),
    createdMicroseconds: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  });
  fc.assert(
    fc.property(event, fc.boolean(), (original, structured) => {
      const bytes = encodeEvent(original, structured ? 'structured' : 'string');
      const { id, data, metadata, stream, type, isJson } = original;
      const position = original.position.toString();
      const { event, commitPosition } = streams.ReadResp.deserializeBinary(bytes).toObject().event ?? {};
      const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');
      expect(commitPosition).toBe(position);
      expect(event).toMatchObject({
        id: structured ? { structured: bitsOf(id) } : { string: id },
        streamIdentifier: { streamName: base64(Buffer.from(stream)) },
        streamRevision: original.revision.toString(),
        commitPosition: position,
        preparePosition: position,
        data: base64(data),
        customMetadata: base64(metadata),
      });
      expect(Object.fromEntries(event?.metadataMap ?? [])).toEqual({
        type,
        'content-type': isJson ? 'application/json' : 'application/octet-stream',
        created: (BigInt(original.createdMicroseconds) * 10n).toString(),
      });
    }),
  );
});

it('gives checkpoints that rise, are at most an interval apart, and end where the reading ended', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 40n), fc.array(fc.bigInt(0n, 30n)), (interval, steps) => {
      const checkpoints = createCheckpoints(interval, 5n);
      const given: bigint[] = [5n];
      let position = 5n;
      for (const step of steps) {
        position += step;
        given.push(...checkpoints.upTo(position));
        expect(position - (given.at(-1) ?? 0n)).toBeLessThan(interval);
      }
      given.push(...checkpoints.atEnd(position), ...checkpoints.atEnd(position));
      expect(given.at(-1)).toBe(position);
      expect(given.every((one, index) => index === 0 || one > (given[index - 1] ?? one))).toBe(true);
    }),
  );
});

describe('the memory of the last commits', () => {
  const entry = (
    position: bigint,
    size = 10,
  ): Parameters<ReturnType<typeof createCommitLog>['publish']>[0][number] => ({
    position,
    stream: 's',
    revision: position,
    type: 't',
    bytes: Buffer.alloc(size),
  });

  it('gives what follows a position, or says that it no longer reaches back so far', () => {
    const log = createCommitLog();
    log.resume(10n);
    expect(log.after(10n)).toBeUndefined();
    log.publish([entry(11n), entry(12n)]);
    log.publish([entry(13n)]);
    expect(log.head()).toBe(13n);
    expect(log.after(11n)?.map(({ position }) => position)).toEqual([12n, 13n]);
    expect(log.after(10n)).toHaveLength(3);
    expect(log.after(9n)).toBeUndefined();
  });

  it('is bounded in number and in bytes, and forgets when commits were missed', () => {
    const log = createCommitLog();
    for (let position = 1n; position <= 5000n; position += 1n) log.publish([entry(position)]);
    expect(log.after(4000n)).toHaveLength(1000);
    expect(log.after(3999n)).toBeUndefined();
    for (let position = 5001n; position <= 5010n; position += 1n) log.publish([entry(position, 1024 * 1024)]);
    expect(log.after(5006n)).toHaveLength(4);
    expect(log.after(5005n)).toBeUndefined();
    log.resume(6000n);
    expect(log.after(5009n)).toBeUndefined();
    expect(log.head()).toBe(6000n);
    log.resume(1n);
    expect(log.head()).toBe(6000n);
  });
});

it('refuses expressions that cannot be evaluated in linear time', () => {
  for (const source of ['(a)\\1', '(?=a)b', '(?<!a)b', 'a{1000}', '[', 'x'.repeat(3000)]) {
    expect(() => linearExpression(source)).toThrow('expression');
  }
  expect(linearExpression('^[^$].*').test('user-1')).toBe(true);
  expect(linearExpression('^(account|user)-[0-9a-f]+$').test('user-12ef')).toBe(true);
});
