import { nodeHash, type Sha256 } from '../merkle.ts';
import { sameBytes } from '../merkle-verification.ts';
import { canonicalBase64 } from './signed-note.ts';

interface Path {
  /** The subtrees that hold the leaf, from the whole tree down to the leaf, and their roots. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly hashes: readonly Uint8Array[];
  readonly proof: readonly string[];
}

/**
 * Verifies inclusion proofs of leaves in rising order (RFC 6962 §2.1.1). Two neighbours share most of their path, which
 * is hashed once; what they share must be the same in both proofs.
 */
export function inclusionRun(sha256: Sha256, size: number, root: Uint8Array) {
  // Before the first one, only the root is known.
  let last: Path = { starts: [0], ends: [size], hashes: [root], proof: [] };

  return (index: number, leaf: Uint8Array, proof: readonly string[]): boolean => {
    if (index < 0 || index >= size) return false;
    const path = { ...descent(index, size), proof };
    if (proof.length !== path.starts.length - 1) return false;
    const shared = sharedDepth(last, path.starts, path.ends);
    if (!sameTail(last.proof, proof, shared)) return false;
    const below = hashesDownFrom(sha256, shared, leaf, path);
    if (!below || !sameBytes(below[shared] ?? leaf, last.hashes[shared] ?? root)) return false;
    const hashes = [...last.hashes.slice(0, shared), ...below.slice(shared)];
    last = { ...path, hashes };
    return true;
  };
}

/** By depth, from the leaf up to that of `top`; `undefined` where the proof holds anything but hashes. */
function hashesDownFrom(
  sha256: Sha256,
  top: number,
  leaf: Uint8Array,
  { starts, proof }: Omit<Path, 'hashes'>,
): Uint8Array[] | undefined {
  const depth = starts.length - 1;
  const hashes = new Array<Uint8Array>(depth + 1);
  let hash = leaf;
  hashes[depth] = leaf;
  for (let at = depth - 1; at >= top; at -= 1) {
    const sibling = canonicalBase64(proof[depth - 1 - at] ?? '');
    if (sibling?.length !== 32) return undefined;
    const isLeft = starts[at + 1] === starts[at];
    hash = isLeft ? nodeHash(sha256, hash, sibling) : nodeHash(sha256, sibling, hash);
    hashes[at] = hash;
  }
  return hashes;
}

function descent(index: number, size: number): { starts: number[]; ends: number[] } {
  const starts = [0];
  const ends = [size];
  let start = 0;
  let end = size;
  let split = 2 ** Math.ceil(Math.log2(size));
  while (end - start > 1) {
    while (split >= end - start) split /= 2;
    if (index < start + split) end = start + split;
    else start += split;
    starts.push(start);
    ends.push(end);
  }
  return { starts, ends };
}

/** How deep both paths go through the same subtrees. */
function sharedDepth({ starts, ends }: Path, otherStarts: readonly number[], otherEnds: readonly number[]): number {
  let depth = 0;
  while (
    depth + 1 < starts.length &&
    starts[depth + 1] === otherStarts[depth + 1] &&
    ends[depth + 1] === otherEnds[depth + 1]
  ) {
    depth += 1;
  }
  return depth;
}

/** The siblings above the shared subtree. */
function sameTail(one: readonly string[], other: readonly string[], depth: number): boolean {
  for (let above = 1; above <= depth; above += 1) {
    if (one[one.length - above] !== other[other.length - above]) return false;
  }
  return true;
}
