/** Ranges of addresses and the order in which free values are tried. Upstream: pkg/registry/core/service/{ipallocator,portallocator}. */
import { formatIPv6, isIPv6Text, parseIPv6 } from '../../../machinery/ipv6.ts';

export type IPFamily = 'IPv4' | 'IPv6';

/** The family of an address or a block. */
export const familyOf = (text: string): IPFamily => (isIPv6Text(text) ? 'IPv6' : 'IPv4');

export interface Range {
  readonly text: string;
  readonly family: IPFamily;
  /** The network's own address. */
  readonly first: bigint;
  /** Addresses in the block, as far as they may be given out by number. */
  readonly size: number;
  /** How many can be given out: not the network's own, and of IPv4 not the broadcast. */
  readonly usable: number;
}

/** More than any cluster has Services. */
const largest = 2 ** 31;

function numberOf(ip: string): bigint {
  return parseIPv6(ip) ?? ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function textOf(value: bigint, family: IPFamily): string {
  return family === 'IPv6' ? formatIPv6(value) : [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** `10.96.0.0/16`. */
export function parseRange(text: string): Range {
  const family = familyOf(text);
  const width = family === 'IPv6' ? 128 : 32;
  const [ip = '', bits = String(width)] = text.split('/');
  const hostBits = width - Number(bits);
  const size = Math.min(2 ** hostBits, largest);
  const first = (numberOf(ip) >> BigInt(hostBits)) << BigInt(hostBits);
  return { text, family, first, size, usable: size - (family === 'IPv6' ? 1 : 2) };
}

/** The address with a number, from 0 for the first that can be given out. */
export function addressAt({ first, family }: Range, offset: number): string {
  return textOf(first + 1n + BigInt(offset), family);
}

/** Whether an address lies in the range at all. */
export function covers({ first, size, family }: Range, ip: string): boolean {
  const value = numberOf(ip);
  return familyOf(ip) === family && value >= first && value < first + BigInt(size);
}

/** Whether an address can be given out: the network and broadcast addresses cannot. */
export function contains({ first, usable }: Range, ip: string): boolean {
  const value = numberOf(ip);
  return value > first && value <= first + BigInt(usable);
}

/** How many values at the beginning are kept for those that ask for one by name (KEP-3070). */
export function staticBand(
  size: number,
  { divisor, min, max }: { readonly divisor: number; readonly min: number; readonly max: number },
): number {
  return size < 2 * min ? 0 : Math.min(Math.max(min, Math.floor(size / divisor)), max);
}

/** The first free offset from a random start in the dynamic band, then in the static one; undefined when all are taken. */
export function pickOffset(
  size: number,
  band: number,
  random: (limit: number) => number,
  isFree: (offset: number) => boolean,
): number | undefined {
  for (const [from, count] of [
    [band, size - band],
    [0, band],
  ] as const) {
    if (count <= 0) continue;
    const start = random(count);
    for (let i = 0; i < count; i++) {
      const offset = from + ((start + i) % count);
      if (isFree(offset)) return offset;
    }
  }
  return undefined;
}
