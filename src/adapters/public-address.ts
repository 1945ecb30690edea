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

/** Whether somebody may know where this is: IPv4 also in the notation of IPv6. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return !elsewhere.check(plain, 'ipv4');
  return isIPv6(plain) && !elsewhere.check(plain, 'ipv6');
}
