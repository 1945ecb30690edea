import { hashBytes, nodeHash, type Sha256 } from './merkle.ts';

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly proof: readonly Uint8Array[];
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
}

/** RFC 9162 §2.1.3.2. */
export function verifiesInclusion(sha256: Sha256, { index, size, leafHash, proof, root }: Inclusion): boolean {
  if (index < 0 || index >= size) return false;
  let hash = leafHash;
  const reachesRoot = climb(index, size - 1, proof, (sibling, isLeft) => {
    hash = isLeft ? nodeHash(sha256, sibling, hash) : nodeHash(sha256, hash, sibling);
  });
  return reachesRoot && sameBytes(hash, root);
}

/** RFC 9162 §2.1.4.2; every tree goes on from the empty one, and from itself. */
export function verifiesConsistency(sha256: Sha256, consistency: Consistency): boolean {
  const { from, to, proof, fromRoot, toRoot } = consistency;
  if (from < 0 || from > to) return false;
  if (from === to) return proof.length === 0 && sameBytes(fromRoot, toRoot);
  return from === 0 ? proof.length === 0 : leadsToBoth(sha256, consistency);
}

function leadsToBoth(sha256: Sha256, { from, to, proof, fromRoot, toRoot }: Consistency): boolean {
  const [first, ...rest] = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  if (first === undefined) return false;
  let fn = from - 1;
  let sn = to - 1;
  for (; isOdd(fn); fn = half(fn)) sn = half(sn);
  let fromHash = first;
  let toHash = first;
  const reachesRoot = climb(fn, sn, rest, (sibling, isLeft) => {
    if (isLeft) fromHash = nodeHash(sha256, sibling, fromHash);
    toHash = isLeft ? nodeHash(sha256, sibling, toHash) : nodeHash(sha256, toHash, sibling);
  });
  return reachesRoot && sameBytes(fromHash, fromRoot) && sameBytes(toHash, toRoot);
}

/** The loop that both algorithms share, with their names; whether the proof ends at the root. */
function climb(
  first: number,
  last: number,
  proof: readonly Uint8Array[],
  step: (sibling: Uint8Array, isLeft: boolean) => void,
): boolean {
  let [fn, sn] = [first, last];
  for (const sibling of proof) {
    if (sn === 0 || !isHash(sibling)) return false;
    const isLeft = isOdd(fn) || fn === sn;
    step(sibling, isLeft);
    if (isLeft) for (; !isOdd(fn) && fn !== 0; fn = half(fn)) sn = half(sn);
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0;
}

const isHash = (hash: Uint8Array) => hash.length === hashBytes;
// Tree sizes may pass 2^31, where bitwise operators stop.
const isOdd = (value: number) => value % 2 === 1;
const half = (value: number) => Math.floor(value / 2);
const isPowerOfTwo = (value: number) => Number.isInteger(Math.log2(value));

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
