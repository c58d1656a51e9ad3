/** Addresses and blocks of either family. The fast path of IPv4 stays numeric; what only dual-stack clusters have may cost a little more. */
import { formatIPv6, isIPv6Text, parseIPv6 } from '../../machinery/ipv6.ts';
import type { Cidr } from './ipv4.ts';
import { contains, parseCidr, parseIPv4 } from './ipv4.ts';

/** A block of IPv6, `fd00:10:244:1::/64`. */
export interface Cidr6 {
  readonly text: string;
  readonly base: bigint;
  readonly prefixLength: number;
}

export type Block = Cidr | Cidr6;

export type IPFamily = 'IPv4' | 'IPv6';

export const familyOf = (ip: string): IPFamily => (isIPv6Text(ip) ? 'IPv6' : 'IPv4');

export const isBlock6 = (block: Block): block is Cidr6 => typeof block.base === 'bigint';

/** Undefined when the text is no block of IPv6. Bits beyond the prefix are cleared. */
export function parseCidr6(text: string): Cidr6 | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const value = parseIPv6(address);
  if (value === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > 128) return undefined;
  const prefixLength = Number(length);
  const base = prefixOf6(value, prefixLength);
  return { text: `${formatIPv6(base)}/${prefixLength}`, base, prefixLength };
}

/** The address with all bits beyond the prefix cleared. */
export function prefixOf6(address: bigint, prefixLength: number): bigint {
  const shift = BigInt(128 - prefixLength);
  return (address >> shift) << shift;
}

/** A block of either family. */
export function parseBlock(text: string): Block | undefined {
  return isIPv6Text(text) ? parseCidr6(text) : parseCidr(text);
}

/** The blocks of a list with commas, as flags have them; what is none is left out. */
export function parseBlocks(text: string): readonly Block[] {
  return text.split(',').flatMap((one) => parseBlock(one.trim()) ?? []);
}

/** Whether the address, of whichever family, lies in the block. */
export function covers(block: Block, ip: string): boolean {
  if (isBlock6(block)) {
    const value = parseIPv6(ip);
    return value !== undefined && prefixOf6(value, block.prefixLength) === block.base;
  }
  const value = parseIPv4(ip);
  return value !== undefined && contains(block, value);
}

/** The address in the form in which addresses are compared; undefined for what is none. */
export function canonicalIP(text: string): string | undefined {
  if (!isIPv6Text(text)) return parseIPv4(text) === undefined ? undefined : text;
  const value = parseIPv6(text);
  return value === undefined ? undefined : formatIPv6(value);
}

/** IPv4 before IPv6, then by value. */
export function compareIPs(a: string, b: string): number {
  const [first, second] = [parseIPv6(a), parseIPv6(b)];
  if (first === undefined && second === undefined) return (parseIPv4(a) ?? 0) - (parseIPv4(b) ?? 0);
  if (first === undefined || second === undefined) return first === undefined ? -1 : 1;
  return first < second ? -1 : first > second ? 1 : 0;
}
