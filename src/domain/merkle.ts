/** SHA-256 (FIPS 180-4), given from outside: the domain knows no package. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The root of a subtree of leaves `start` to `end - 1`; `start` is a multiple of every complete part in it. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The root of the complete subtree of the 2^level leaves from `index` * 2^level on. */
export interface NodeAddress {
  readonly level: number;
  readonly index: number;
}

export const hashBytes = 32;

/** RFC 6962 §2.1: MTH({d(0)}) = SHA-256(0x00 || d(0)). */
export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/** RFC 6962 §2.1: SHA-256(0x01 || left || right). */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * hashBytes);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return sha256(input);
}

/** RFC 6962 §2.1: the root of a tree without leaves. */
export const emptyRoot = (sha256: Sha256): Uint8Array => sha256(new Uint8Array(0));

/** The largest power of two below `size`, which is at least 2. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** RFC 6962 §2.1.1 PATH(m, D[n]): what has to be hashed with the leaf, the nearest first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (index < 0 || index >= size) throw new RangeError('the leaf is not in the tree');
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** RFC 6962 §2.1.2 PROOF(m, D[n]); nothing to prove between a tree and itself, and from the empty tree. */
export function consistencyRanges(from: number, to: number): LeafRange[] {
  if (from < 0 || from > to) throw new RangeError('a tree does not shrink');
  if (from === 0 || from === to) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = to;
  while (end !== from) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The whole of the smaller tree is known to whoever asks.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The complete subtrees that a range consists of, the largest first. */
export function completeParts({ start, end }: LeafRange): NodeAddress[] {
  const parts: NodeAddress[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= end) {
      size *= 2;
      level += 1;
    }
    parts.push({ level, index: at / size });
    at += size;
  }
  return parts;
}

/** The root of a range from its complete parts, the largest first. */
export function joinParts(sha256: Sha256, parts: readonly Uint8Array[]): Uint8Array {
  const joined = parts.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : nodeHash(sha256, left, right)),
    undefined,
  );
  return joined ?? emptyRoot(sha256);
}
