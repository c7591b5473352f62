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
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // Whatever is not global unicast (RFC 4291 section 2.4): there IPv4 in its other dresses is, and every local network.
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  // And in it what was set aside (IANA): Teredo and 6to4, which are IPv4 again, and addresses for documentation.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
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
