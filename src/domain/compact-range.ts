import { joinParts, nodeHash, type NodeAddress, type Sha256 } from './merkle.ts';

/** A tree that only grows, as the roots of its complete subtrees: at most one for each bit of its size. */
export interface CompactRange {
  readonly size: number;
  root(): Uint8Array;
  /** `onNode` is told every subtree that this leaf completes, from the leaf upwards. */
  append(leaf: Uint8Array, onNode?: (address: NodeAddress, hash: Uint8Array) => void): void;
}

/** `parts` are those of `completeParts({ start: 0, end: size })`. */
export function compactRange(sha256: Sha256, size = 0, parts: readonly Uint8Array[] = []): CompactRange {
  const peaks = [...parts];
  let leaves = size;
  return {
    get size() {
      return leaves;
    },
    root: () => joinParts(sha256, peaks),
    append(leaf, onNode) {
      let hash = leaf;
      let index = leaves;
      onNode?.({ level: 0, index }, hash);
      for (let level = 1; index % 2 === 1; level += 1) {
        const left = peaks.pop();
        if (left === undefined) throw new Error('a part of the tree is missing');
        hash = nodeHash(sha256, left, hash);
        index = (index - 1) / 2;
        onNode?.({ level, index }, hash);
      }
      peaks.push(hash);
      leaves += 1;
    },
  };
}
