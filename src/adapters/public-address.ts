import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Networks that are no place on earth (IANA special-purpose address registries), those for documentation excepted. */
const elsewhere = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  elsewhere.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  elsewhere.addSubnet(network, bits, 'ipv6');
}

/** IPv4 that came in the notation of IPv6 (RFC 4291 §2.5.5.2), in its own: databases of places know no other. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whether somebody may know where this is. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return !elsewhere.check(plain, 'ipv4');
  return isIPv6(plain) && !elsewhere.check(plain, 'ipv6');
}
