import { describe, expect, it } from 'vitest';
import { keepCheckpoints } from '../../src/application/audit/keep-checkpoints.ts';

/** Looks `looks` times, with so much time between; each signed checkpoint is itself a leaf. */
async function signedSizes(looks: number, msBetween: number, grow: (look: number) => number) {
  const stop = new AbortController();
  const signed: number[] = [];
  let now = Date.parse('2026-01-02T03:04:05Z');
  let look = 0;
  let head = { size: 0, causeSize: 0 };
  const add = (events: number) => {
    if (events > 0) head = { size: head.size + events, causeSize: head.size + events };
  };
  add(grow(0));
  const keep = keepCheckpoints({
    signCheckpoint: (size) => {
      signed.push(size);
      head = { ...head, size: head.size + 1 };
      return Promise.resolve({ kind: 'signed', size });
    },
    clock: () => new Date(now),
    settings: { events: 10, seconds: 60 },
    newestCheckpoint: () => Promise.resolve(undefined),
    pause: () => {
      now += msBetween;
      look += 1;
      add(grow(look));
      if (look === looks) stop.abort();
      return Promise.resolve();
    },
    onOutcome: () => Promise.resolve(),
    onFailure: (error) => expect.fail(String(error)),
  });
  await keep(() => head, stop.signal);
  return signed;
}

describe('checkpoints', () => {
  it('are signed when something was added, and never because of a checkpoint', async () => {
    expect(await signedSizes(100, 60_000, (look) => (look === 0 ? 3 : 0))).toEqual([3]);
    expect(await signedSizes(100, 60_000, () => 0)).toEqual([]);
  });

  it('wait for the seconds, unless there are events enough', async () => {
    expect(await signedSizes(5, 1000, () => 1)).toEqual([1]);
    expect(await signedSizes(3, 1000, (look) => (look === 2 ? 10 : 1))).toEqual([1, 13]);
  });
});
