import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

import type { NewId } from '../application/ports.ts';

const randomBytesOfId = 16;
/** Asking for chance costs the same for few bytes as for many. */
const pool = new Uint8Array(256 * randomBytesOfId);
let used = pool.length;

/** Of the pool, each byte once. */
function chance(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += randomBytesOfId;
  return pool.subarray(used - randomBytesOfId, used);
}

let msecs = 0;
let sequence = 0;

/** Rising within one process, also within a millisecond. */
export const newId: NewId = () => {
  const random = chance();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    sequence = firstOf(random);
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) msecs += 1;
  }
  return v7({ random, msecs, seq: sequence });
};

/** 31 bits of what `v7` does not use otherwise: a counter that begins anywhere (RFC 9562 §6.2, method 1). */
const firstOf = (random: Uint8Array): number =>
  new DataView(random.buffer, random.byteOffset + 6).getInt32(0) & 0x7fffffff;
