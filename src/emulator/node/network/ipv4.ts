/** IPv4 addresses as unsigned 32-bit numbers, and blocks of them. Text is the form in which they travel; numbers are for arithmetic. */

/** Undefined when the text is not four decimal octets without leading zeros (as Go's netip reads them). */
export function parseIPv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const octet of match.slice(1)) {
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined;
    value = value * 256 + Number(octet);
  }
  return value;
}

/** The dotted form of an address. */
export function formatIPv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** A block of addresses, `10.244.1.0/24`. */
export interface Cidr {
  readonly text: string;
  readonly base: number;
  readonly prefixLength: number;
}

/** Undefined when the text is not an IPv4 block. Bits beyond the prefix are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, length, ...rest] = text.split('/');
  const value = parseIPv4(address ?? '');
  if (value === undefined || length === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  const prefixLength = Number(length);
  const base = prefixOf(value, prefixLength);
  return { text: `${formatIPv4(base)}/${prefixLength}`, base, prefixLength };
}

/** The address with all bits beyond the prefix cleared. */
export function prefixOf(address: number, prefixLength: number): number {
  return prefixLength === 0 ? 0 : (address & (0xffff_ffff << (32 - prefixLength))) >>> 0;
}

/** How many addresses a block has. */
export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefixLength);
}

/** Whether the address lies in the block. */
export function contains(cidr: Cidr, address: number): boolean {
  return prefixOf(address, cidr.prefixLength) === cidr.base;
}

/** Whether the address is one of the loopback block 127.0.0.0/8, or IPv6's one. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}
