import { nodeHash, type Sha256 } from '../merkle.ts';
import { sameBytes } from '../merkle-verification.ts';
import { canonicalBase64 } from './signed-note.ts';

/** The way from the whole tree down to a leaf; by depth the subtree that holds the leaf, and the one beside it. */
interface Path {
  readonly starts: number[];
  readonly ends: number[];
  readonly hashes: Uint8Array[];
  /** Nothing is beside the whole tree. */
  readonly beside: Uint8Array[];
  proof: readonly string[];
}

/**
 * Verifies inclusion proofs of leaves in rising order (RFC 6962 §2.1.1). Whatever led to the root is known from then on,
 * so each node is hashed once: where the way to a leaf leaves that to the last one, it enters a subtree whose hash is
 * known, and the proof has to name the same siblings above. After a proof that is wrong, no other is right.
 */
export function inclusionRun(sha256: Sha256, size: number, root: Uint8Array) {
  // Before the first one, only the root is known.
  const path: Path = { starts: [0], ends: [size], hashes: [root], beside: [root], proof: [] };
  let includes = startsWith;
  let failed = false;

  function startsWith(index: number, leaf: Uint8Array, proof: readonly string[]): boolean {
    includes = goesOnWith;
    return leadsTo(root, 0, 0, index, leaf, proof);
  }
  function goesOnWith(index: number, leaf: Uint8Array, proof: readonly string[]): boolean {
    const shared = sharedDepth(path, index);
    const top = shared + 1;
    const { [top]: left } = path.hashes;
    const { [top]: entered } = path.beside;
    if (left === undefined || entered === undefined) return false;
    if (!leadsTo(entered, shared, top, index, leaf, proof)) return false;
    path.beside[top] = left;
    return siblingIs(left, proof, top);
  }
  /** To the subtree at depth `top`, whose hash is known; both ways are the same down to depth `shared`. */
  function leadsTo(
    known: Uint8Array,
    shared: number,
    top: number,
    index: number,
    leaf: Uint8Array,
    proof: readonly string[],
  ): boolean {
    descend(path, shared, index);
    if (proof.length !== path.starts.length - 1 || !sameTail(path.proof, proof, shared)) return false;
    path.proof = proof;
    const hash = climb(sha256, path, top, leaf, proof);
    return hash !== undefined && sameBytes(hash, known);
  }
  return (index: number, leaf: Uint8Array, proof: readonly string[]): boolean => {
    failed ||= index < 0 || index >= size || !includes(index, leaf, proof);
    return !failed;
  };
}

/** How deep the way to a later leaf goes through the same subtrees. */
function sharedDepth({ starts, ends }: Path, index: number): number {
  let depth = 0;
  while (depth + 1 < starts.length && index >= (starts[depth + 1] ?? 0) && index < (ends[depth + 1] ?? 0)) depth += 1;
  return depth;
}

/** From a subtree that holds the leaf down to it; each is split at the largest power of two below its size. */
function descend(path: Path, from: number, index: number): void {
  const { starts, ends, hashes, beside } = path;
  for (const list of [starts, ends, hashes, beside]) list.length = from + 1;
  let start = starts[from] ?? 0;
  let end = ends[from] ?? 0;
  let split = 2 ** Math.ceil(Math.log2(end - start));
  while (end - start > 1) {
    while (split >= end - start) split /= 2;
    if (index < start + split) end = start + split;
    else start += split;
    starts.push(start);
    ends.push(end);
  }
}

/** Hashes from the leaf up to `top`; `undefined` where the proof holds anything but hashes. */
function climb(
  sha256: Sha256,
  path: Path,
  top: number,
  leaf: Uint8Array,
  proof: readonly string[],
): Uint8Array | undefined {
  const { starts, hashes, beside } = path;
  let hash = leaf;
  for (let at = starts.length - 1; at > top; at -= 1) {
    const sibling = siblingAt(proof, at);
    if (sibling === undefined) return undefined;
    hashes[at] = hash;
    beside[at] = sibling;
    const isLeft = starts[at] === starts[at - 1];
    hash = isLeft ? nodeHash(sha256, hash, sibling) : nodeHash(sha256, sibling, hash);
  }
  hashes[top] = hash;
  return hash;
}

/** What a proof says is beside the subtree at this depth: it names the nearest to the leaf first. */
function siblingAt(proof: readonly string[], depth: number): Uint8Array | undefined {
  const sibling = canonicalBase64(proof[proof.length - depth] ?? '');
  return sibling?.length === 32 ? sibling : undefined;
}

const siblingIs = (expected: Uint8Array, proof: readonly string[], depth: number): boolean => {
  const sibling = siblingAt(proof, depth);
  return sibling !== undefined && sameBytes(sibling, expected);
};

/** The siblings above the shared subtree. */
function sameTail(one: readonly string[], other: readonly string[], depth: number): boolean {
  for (let above = 1; above <= depth; above += 1) {
    if (one[one.length - above] !== other[other.length - above]) return false;
  }
  return true;
}
