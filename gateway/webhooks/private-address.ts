/** Which addresses are nobody's on the internet: of this machine, of private networks, and of clouds' own services. */
import { BlockList, isIP } from 'node:net';

const RANGES = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  // IPv4 in another dress (RFC 4291 section 2.5.5.2, RFC 6052, RFC 3056).
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const;

// One list for each family: in one of both, IPv4 in its other dress would be all of IPv4.
const lists = { 4: new BlockList(), 6: new BlockList() } as const;
for (const [address, prefix] of RANGES) {
  if (address.includes(':')) lists[6].addSubnet(address, prefix, 'ipv6');
  else lists[4].addSubnet(address, prefix, 'ipv4');
}

/** What is no address at all counts as private: nothing is sent there. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return lists[4].check(address, 'ipv4');
  return version === 0 || lists[6].check(address, 'ipv6');
}
