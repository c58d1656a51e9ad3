/** Blocks of addresses of either family, and upstream's rules for fields that hold them: apimachinery/pkg/util/validation/ip.go. */
import { invalid } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { parseIPv6 } from '../../machinery/ipv6.ts';
import { isIPv4, isIPv6 } from '../metadata/rules.ts';

/** A block with the address that was written before the slash. */
interface Block {
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly prefixLength: number;
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

function numberOf(ip: string): bigint {
  if (isIPv4(ip)) return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  return parseIPv6(ip)!;
}

function parse(text: string): Block | undefined {
  const [ip = '', length = '', ...rest] = text.split('/');
  const family = isIPv4(ip) ? 4 : isIPv6(ip) ? 6 : undefined;
  if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > widthOf(family)) return undefined;
  return { family, address: numberOf(ip), prefixLength: Number(length) };
}

const networkOf = ({ family, address }: Block, prefixLength: number): bigint => address >> BigInt(widthOf(family) - prefixLength);

/** IsValidCIDRForLegacyField: bits beyond the prefix may be set. */
export function validateCIDR(text: string, path: FieldPath, errors: FieldError[]): void {
  if (!parse(text)) errors.push(invalid(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
}

/** IsValidCIDR: a network, without bits beyond its prefix. */
export function validateNetwork(text: string, path: FieldPath, errors: FieldError[]): void {
  const block = parse(text);
  if (!block) validateCIDR(text, path, errors);
  else if (hasHostBits(block)) errors.push(invalid(path, text, 'must not have bits set beyond the prefix length'));
}

/** 4 or 6; undefined for what is no block. */
export function familyOf(text: string): 4 | 6 | undefined {
  return parse(text)?.family;
}

/** Whether a block lies in another one and is smaller. Undefined when one of them is no block. */
export function isStrictSubset(inner: string, outer: string): boolean | undefined {
  const [a, b] = [parse(inner), parse(outer)];
  if (!a || !b) return undefined;
  return a.family === b.family && a.prefixLength > b.prefixLength && networkOf(a, b.prefixLength) === networkOf(b, b.prefixLength);
}

/** GetWarningsForCIDR: a block that could as well mean one address. Differs from Kubernetes: only blocks of IPv4 are looked at. */
export function cidrWarnings(text: string, path: FieldPath): readonly string[] {
  const block = parse(text);
  if (block?.family !== 4 || !hasHostBits(block)) return [];
  const shift = BigInt(32 - block.prefixLength);
  const base = (block.address >> shift) << shift;
  const network = `${[24n, 16n, 8n, 0n].map((bits) => (base >> bits) & 255n).join('.')}/${block.prefixLength}`;
  const single = `${text.slice(0, text.indexOf('/'))}/32`;
  return [`${path.toString()}: CIDR value "${text}" is ambiguous in this context (should be "${network}" or "${single}"?)`];
}

function hasHostBits(block: Block): boolean {
  const shift = BigInt(widthOf(block.family) - block.prefixLength);
  return (block.address >> shift) << shift !== block.address;
}
