/** Who connected to us: the peer, or the client that a trusted proxy in front names. */
import { isIP, type BlockList } from 'node:net';

/**
 * Walks X-Forwarded-For from the right over trusted proxies only, so that a client cannot choose its own address.
 * Returns the bare address, IPv4-mapped IPv6 as IPv4.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  trusted: BlockList,
): string {
  let address = bare(peer ?? '');
  if (forwardedFor === null || !isTrusted(address, trusted)) return address;
  const hops = forwardedFor.split(',').map((hop) => bare(hop.trim()));
  for (const hop of hops.toReversed()) {
    if (isIP(hop) === 0) return address;
    address = hop;
    if (!isTrusted(address, trusted)) return address;
  }
  return address;
}

export function isTrusted(address: string, trusted: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function bare(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
