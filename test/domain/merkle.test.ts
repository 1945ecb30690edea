import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactRange } from '../../src/domain/compact-range.ts';
import {
  completeParts,
  consistencyRanges,
  emptyRoot,
  inclusionRanges,
  joinParts,
  leafHash,
} from '../../src/domain/merkle.ts';
import { nodeHash, type LeafRange, type Sha256 } from '../../src/domain/merkle.ts';
import { verifiesConsistency, verifiesInclusion } from '../../src/domain/merkle-verification.ts';

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The leaves that Certificate Transparency's implementations are tested with. */
const ctLeaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ctRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962 §2.1 word for word, from the leaves each time. */
function definition(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(Buffer.concat([Buffer.of(0), only]));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [definition(leaves.slice(0, split)), definition(leaves.slice(split))];
  return sha256(Buffer.concat([Buffer.of(1), left, right]));
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, n) => Buffer.from(`leaf ${n}`));

function treeOf(entries: readonly Uint8Array[]) {
  const nodes = new Map<string, Uint8Array>();
  const range = compactRange(sha256);
  for (const entry of entries) {
    range.append(leafHash(sha256, entry), ({ level, index }, hash) => nodes.set(`${level}/${index}`, hash));
  }
  const hashOf = (of: LeafRange) =>
    joinParts(
      sha256,
      completeParts(of).map(({ level, index }) => nodes.get(`${level}/${index}`) ?? expect.fail()),
    );
  return {
    range,
    root: (size: number) => hashOf({ start: 0, end: size }),
    inclusion: (index: number, size: number) => inclusionRanges(index, size).map(hashOf),
    consistency: (from: number, to: number) => consistencyRanges(from, to).map(hashOf),
  };
}

describe('the Merkle tree of RFC 6962', () => {
  it('has the roots of the test data of Certificate Transparency', () => {
    expect(hex(emptyRoot(sha256))).toBe(ctRoots[0]);
    const range = compactRange(sha256);
    for (const [n, leaf] of ctLeaves.entries()) {
      range.append(leafHash(sha256, Buffer.from(leaf, 'hex')));
      expect(hex(range.root())).toBe(ctRoots[n + 1]);
    }
  });

  it('has the paths that RFC 6962 §2.1.3 shows for seven leaves', () => {
    const tree = treeOf(leavesOf(7));
    const [a, b, c, d, e, f, j] = leavesOf(7).map((leaf) => leafHash(sha256, leaf)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const [g, h, i] = [nodeHash(sha256, a, b), nodeHash(sha256, c, d), nodeHash(sha256, e, f)];
    const [k, l] = [nodeHash(sha256, g, h), nodeHash(sha256, i, j)];
    expect(tree.inclusion(0, 7)).toEqual([b, h, l]);
    expect(tree.inclusion(3, 7)).toEqual([c, g, l]);
    expect(tree.inclusion(4, 7)).toEqual([f, j, k]);
    expect(tree.inclusion(6, 7)).toEqual([i, k]);
    expect(tree.consistency(3, 7)).toEqual([c, d, g, l]);
    expect(tree.consistency(4, 7)).toEqual([l]);
    expect(tree.consistency(6, 7)).toEqual([i, j, k]);
  });

  it('proves every leaf and every earlier size, and is what the definition says', () => {
    const most = 33;
    const entries = leavesOf(most);
    const tree = treeOf(entries);
    for (let size = 1; size <= most; size += 1) {
      const root = tree.root(size);
      expect(hex(root)).toBe(hex(definition(entries.slice(0, size))));
      for (let index = 0; index < size; index += 1) {
        const proof = tree.inclusion(index, size);
        const hash = leafHash(sha256, entries[index] ?? expect.fail());
        expect(verifiesInclusion(sha256, { index, size, leafHash: hash, proof, root })).toBe(true);
        const fromRoot = tree.root(index);
        const given = { from: index, to: size, proof: tree.consistency(index, size), fromRoot, toRoot: root };
        expect(verifiesConsistency(sha256, given)).toBe(true);
      }
    }
  });

  it('refuses any other leaf, place, size, proof or root', () => {
    const tree = treeOf(leavesOf(100));
    const places = fc.record({ size: fc.integer({ min: 2, max: 100 }), at: fc.nat(), byte: fc.nat(), bit: fc.nat(7) });
    fc.assert(
      fc.property(places, ({ size, at, byte, bit }) => {
        const index = at % size;
        const good = {
          index,
          size,
          leafHash: leafHash(sha256, Buffer.from(`leaf ${index}`)),
          proof: tree.inclusion(index, size),
          root: tree.root(size),
        };
        expect(verifiesInclusion(sha256, good)).toBe(true);
        const flipped = (hash: Uint8Array) => hash.map((value, n) => (n === byte % 32 ? value ^ (1 << bit) : value));
        const wrong = byte % good.proof.length;
        expect(verifiesInclusion(sha256, { ...good, leafHash: flipped(good.leafHash) })).toBe(false);
        expect(verifiesInclusion(sha256, { ...good, root: flipped(good.root) })).toBe(false);
        const proof = good.proof.map((hash, n) => (n === wrong ? flipped(hash) : hash));
        expect(verifiesInclusion(sha256, { ...good, proof })).toBe(false);
        expect(verifiesInclusion(sha256, { ...good, proof: good.proof.slice(1) })).toBe(false);
        expect(verifiesInclusion(sha256, { ...good, proof: [...good.proof, good.root] })).toBe(false);
        expect(verifiesInclusion(sha256, { ...good, index: (index + 1) % size })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a log that is not the continuation', () => {
    const tree = treeOf(leavesOf(100));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(), fc.nat(), (from, more, byte) => {
        const to = from + 1 + (more % (100 - from));
        const good = {
          from,
          to,
          proof: tree.consistency(from, to),
          fromRoot: tree.root(from),
          toRoot: tree.root(to),
        };
        expect(verifiesConsistency(sha256, good)).toBe(true);
        const flipped = (hash: Uint8Array) => hash.map((value, n) => (n === byte % 32 ? value ^ 1 : value));
        expect(verifiesConsistency(sha256, { ...good, fromRoot: flipped(good.fromRoot) })).toBe(false);
        expect(verifiesConsistency(sha256, { ...good, toRoot: flipped(good.toRoot) })).toBe(false);
        const wrong = byte % good.proof.length;
        const proof = good.proof.map((hash, n) => (n === wrong ? flipped(hash) : hash));
        expect(verifiesConsistency(sha256, { ...good, proof })).toBe(false);
        expect(verifiesConsistency(sha256, { ...good, proof: good.proof.slice(0, -1) })).toBe(false);
        expect(verifiesConsistency(sha256, { ...good, from: to, to: from })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
