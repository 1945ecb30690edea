import { BlockList, isIPv6 } from 'node:net';

/**
 * Writes databases in the MaxMind DB file format 2.0 (https://maxmind.github.io/MaxMind-DB/): a binary search tree over
 * the bits of addresses, whose leaves point into a section of data. IPv4 stands in the IPv6 tree under `::/96`.
 */
export type MmdbValue =
  string | number | boolean | bigint | readonly MmdbValue[] | { readonly [key: string]: MmdbValue };

export interface MmdbContent {
  readonly type: string;
  readonly ipVersion: 4 | 6;
  /** From a network, e.g. `203.0.113.0/24`, to its record; networks must not overlap. */
  readonly networks: Readonly<Record<string, MmdbValue>>;
}

type Branch = Node | number | null;
interface Node {
  readonly sides: [Branch, Branch];
}

const metadataMarker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
/** Between the tree and the data. */
const separator = Buffer.alloc(16);
const recordBits = 32;

export function writeMmdb({ type, ipVersion, networks }: MmdbContent): Buffer {
  const root: Node = { sides: [null, null] };
  const data: Buffer[] = [];
  let dataLength = 0;
  for (const [network, record] of Object.entries(networks)) {
    plant(root, bitsOf(network, ipVersion), dataLength);
    const encoded = encode(record);
    data.push(encoded);
    dataLength += encoded.length;
  }
  const nodes = nodesFrom(root);
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_767_225_600n,
    database_type: type,
    description: { en: 'A database for a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordBits,
  });
  return Buffer.concat([treeOf(nodes), separator, ...data, metadataMarker, metadata]);
}

function plant(root: Node, bits: readonly (0 | 1)[], dataOffset: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const next = node.sides[bit] ?? { sides: [null, null] };
    if (typeof next === 'number') throw new Error('networks overlap');
    node.sides[bit] = next;
    node = next;
  }
  const last = bits.at(-1) ?? 0;
  if (node.sides[last] !== null) throw new Error('networks overlap');
  node.sides[last] = dataOffset;
}

/** The root comes first. */
function nodesFrom(root: Node): readonly Node[] {
  const nodes = [root];
  for (const { sides } of nodes) {
    for (const side of sides) if (side !== null && typeof side !== 'number') nodes.push(side);
  }
  return nodes;
}

/** A record is the number of a node; the count of nodes for "nothing here"; or, beyond that, a place in the data. */
function treeOf(nodes: readonly Node[]): Buffer {
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  const tree = Buffer.alloc(nodes.length * 8);
  for (const [number, { sides }] of nodes.entries()) {
    for (const [side, branch] of sides.entries()) {
      const record =
        branch === null
          ? nodes.length
          : typeof branch === 'number'
            ? nodes.length + separator.length + branch
            : (numbers.get(branch) ?? 0);
      tree.writeUInt32BE(record, number * 8 + side * 4);
    }
  }
  return tree;
}

function bitsOf(network: string, ipVersion: 4 | 6): readonly (0 | 1)[] {
  const [address = '', length = ''] = network.split('/');
  new BlockList().addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
  const bytes = isIPv6(address) ? bytesOfIpv6(address) : address.split('.').map(Number);
  const bits = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((place) => (((byte >> place) & 1) === 1 ? 1 : 0)));
  const prefix = bits.slice(0, Number(length));
  return isIPv6(address) || ipVersion === 4 ? prefix : [...Array<0>(96).fill(0), ...prefix];
}

function bytesOfIpv6(address: string): number[] {
  const [before = '', after] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const middle = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...middle, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Types of the data section that are used here, by their numbers in the format. */
const types = { string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 } as const;

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') return withControl('string', Buffer.from(value));
  if (typeof value === 'boolean') return control('boolean', value ? 1 : 0);
  if (typeof value === 'bigint') return withControl('uint64', unsigned(value));
  if (typeof value === 'number') return numberOf(value);
  if (isList(value)) return Buffer.concat([control('array', value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([control('map', entries.length), ...entries.flatMap(([key, of]) => [encode(key), encode(of)])]);
}

function isList(value: object): value is readonly MmdbValue[] {
  return Array.isArray(value);
}

function numberOf(value: number): Buffer {
  if (Number.isInteger(value) && value >= 0) {
    return withControl(value < 0x10000 ? 'uint16' : 'uint32', unsigned(BigInt(value)));
  }
  const double = Buffer.alloc(8);
  double.writeDoubleBE(value);
  return withControl('double', double);
}

/** Without leading zero bytes: zero itself has none at all. */
function unsigned(value: bigint): Buffer {
  const hex = value.toString(16);
  return value === 0n ? Buffer.alloc(0) : Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function withControl(type: keyof typeof types, payload: Buffer): Buffer {
  return Buffer.concat([control(type, payload.length), payload]);
}

/** Type and size; types beyond seven take a byte of their own. Sizes beyond 284 are not needed here. */
function control(type: keyof typeof types, size: number): Buffer {
  if (size > 284) throw new RangeError('too long for this writer');
  const number = types[type];
  const inByte = Math.min(size, 29);
  const first = number > 7 ? [inByte, number - 7] : [(number << 5) | inByte];
  return Buffer.from(size < 29 ? first : [...first, size - 29]);
}
