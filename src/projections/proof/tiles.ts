import {
  completeParts,
  consistencyRanges,
  inclusionRanges,
  joinParts,
  nodeHash,
  type LeafRange,
  type NodeAddress,
  type Sha256,
} from '../../domain/merkle.ts';
import type { ReadModels } from '../read-models.ts';

/** Levels of the tree that one tile spans; what lies between two of its levels is computed when it is read. */
export const tileLevels = 8;
export const tileWidth = 2 ** tileLevels;
const hashBytes = 32;

/** Of 16 kB each: the upper ones and those of what has been asked for lately. */
const keptTiles = 1024;

/** The tree as the tables have it. Sizes may be any up to the one that is committed. */
export interface ProofTree {
  root(size: number): Promise<Uint8Array>;
  parts(addresses: readonly NodeAddress[]): Promise<Uint8Array[]>;
  inclusion(index: number, size: number): Promise<Uint8Array[]>;
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** For one run of 256 leaves: the proof of each as base64, the nodes above the run read once. */
  inclusionsOfTile(tile: number, size: number): Promise<(index: number) => Promise<string[]> | string[]>;
}

/** The hashes at each level of a tile, from its lowest. */
type Tile = readonly (readonly Uint8Array[])[];

/** What the tree should have and has not: rows were deleted. */
class TreeIncomplete extends Error {
  override readonly name = 'TreeIncomplete';
}

export function proofTree(sql: ReadModels, sha256: Sha256): ProofTree {
  const tiles = tileCache((level, number) => loadTile(sql, sha256, level, number));

  async function node({ level, index }: NodeAddress): Promise<Uint8Array> {
    const base = Math.floor(level / tileLevels) * tileLevels;
    const width = tileWidth / 2 ** (level - base);
    const number = Math.floor(index / width);
    const at = index - number * width;
    const tile = await tiles.get(base, number, (at + 1) * 2 ** (level - base));
    const hash = tile[level - base]?.[at];
    if (hash === undefined) throw new TreeIncomplete(`the tree lacks node ${index} of level ${level}`);
    return hash;
  }
  const rangeHash = async (range: LeafRange) => joinParts(sha256, await Promise.all(completeParts(range).map(node)));
  const hashes = (ranges: readonly LeafRange[]) => Promise.all(ranges.map(rangeHash));

  return {
    root: (size) => rangeHash({ start: 0, end: size }),
    parts: (addresses) => Promise.all(addresses.map(node)),
    inclusion: (index, size) => hashes(inclusionRanges(index, size)),
    consistency: (from, to) => hashes(consistencyRanges(from, to)),
    async inclusionsOfTile(number, size) {
      const first = number * tileWidth;
      if (first + tileWidth > size) {
        return async (index) => (await hashes(inclusionRanges(index, size))).map(base64);
      }
      const tile = await tiles.get(0, number, tileWidth);
      const within = tile.map((level) => level.map(base64));
      const above = (await hashes(inclusionRanges(first, size).slice(tileLevels))).map(base64);
      return (index) => {
        const proof: string[] = [];
        for (let level = 0, at = index - first; level < tileLevels; level += 1, at >>= 1) {
          proof.push(within[level]?.[at ^ 1] ?? '');
        }
        return [...proof, ...above];
      };
    },
  };
}

const base64 = (hash: Uint8Array) => Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('base64');

/** Nodes never change, so a tile is read again only for rows that it did not have yet. */
function tileCache(load: (level: number, number: number) => Promise<Tile>) {
  const kept = new Map<string, Promise<Tile>>();
  const loaded = (key: string, level: number, number: number) => {
    const tile = load(level, number);
    kept.delete(key);
    kept.set(key, tile);
    tile.catch(() => {
      if (kept.get(key) === tile) kept.delete(key);
    });
    const [oldest] = kept.keys();
    if (kept.size > keptTiles && oldest !== undefined) kept.delete(oldest);
    return tile;
  };
  return {
    async get(level: number, number: number, rows: number): Promise<Tile> {
      const key = `${level}/${number}`;
      const known = kept.get(key);
      if (known) {
        kept.delete(key);
        kept.set(key, known);
        const tile = await known;
        if ((tile[0]?.length ?? 0) >= rows) return tile;
      }
      return loaded(key, level, number);
    },
  };
}

async function loadTile(sql: ReadModels, sha256: Sha256, level: number, number: number): Promise<Tile> {
  const first = number * tileWidth;
  const where = level === 0 ? 'proof.leaf where' : 'proof.node where level = $3 and';
  const { rows } = await sql.query<{ hashes: Buffer | null; dense: boolean | null }>({
    name: level === 0 ? 'proof-leaf-tile' : 'proof-node-tile',
    text: `select string_agg(hash, ''::bytea order by index) as hashes, count(*) = max(index) - $1::bigint + 1 as dense
      from ${where} index >= $1 and index < $2`,
    values: [first, first + tileWidth, ...(level === 0 ? [] : [level])],
  });
  const row = rows[0];
  if (row?.dense === false) throw new TreeIncomplete(`rows of the tree are missing from ${first} on, level ${level}`);
  return levelsOf(sha256, row?.hashes ?? Buffer.alloc(0));
}

function levelsOf(sha256: Sha256, packed: Buffer): Tile {
  const lowest: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += hashBytes) lowest.push(packed.subarray(at, at + hashBytes));
  const levels: Uint8Array[][] = [lowest];
  for (let level = 1; level < tileLevels; level += 1) {
    const below = levels[level - 1] ?? [];
    const row: Uint8Array[] = [];
    for (let at = 0; at + 1 < below.length; at += 2) {
      const [left, right] = [below[at], below[at + 1]];
      if (left && right) row.push(nodeHash(sha256, left, right));
    }
    levels.push(row);
  }
  return levels;
}
