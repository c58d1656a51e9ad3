/** IP addresses and CIDRs: apiserver/pkg/cel/library/{ip,cidr}.go. */
import { formatIPv6, parseIPv6 } from '../../ipv6.ts';
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { Opaque } from '../values.ts';

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

interface Network extends Address {
  readonly prefix: number;
}

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseAddress(text: string): Address | undefined {
  const four = parseIPv4(text);
  if (four !== undefined) return { bits: 32, value: four };
  const six = parseIPv6(text);
  // An IPv4 address in IPv6's clothes is not allowed.
  return six === undefined || six >> 32n === 0xffffn ? undefined : { bits: 128, value: six };
}

function addressText({ bits, value }: Address): string {
  return bits === 32 ? [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.') : formatIPv6(value);
}

const wrapAddress = (address: Address): Opaque<Address> => new Opaque('net.IP', address, addressText(address));
const wrapNetwork = (network: Network): Opaque<Network> => new Opaque('net.CIDR', network, `${addressText(network)}/${network.prefix}`);

function ip(text: string): Opaque<Address> {
  const address = parseAddress(text);
  if (!address)
    throw new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return wrapAddress(address);
}

function parseNetwork(text: string): Network | undefined {
  const [host = '', prefix = '', more] = text.split('/');
  const address = parseAddress(host);
  if (!address || more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > address.bits) return undefined;
  return { ...address, prefix: Number(prefix) };
}

function cidr(text: string): Opaque<Network> {
  const network = parseNetwork(text);
  if (!network)
    throw new CelError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): unable to parse`,
    );
  return wrapNetwork(network);
}

const masked = ({ bits, value, prefix }: Network): bigint => {
  const rest = BigInt(bits - prefix);
  return (value >> rest) << rest;
};
const containsIP = (network: Network, { bits, value }: Address): boolean =>
  bits === network.bits && masked({ bits, value, prefix: network.prefix }) === masked(network);
const containsCIDR = (network: Network, other: Network): boolean => other.prefix >= network.prefix && containsIP(network, other);

const starts = ({ bits, value }: Address, prefix: string): boolean => {
  const network = parseNetwork(prefix)!;
  return bits === network.bits && containsIP(network, { bits, value });
};
const isLoopback = (address: Address): boolean => starts(address, '127.0.0.0/8') || starts(address, '::1/128');
const isUnicastLocal = (address: Address): boolean => starts(address, '169.254.0.0/16') || starts(address, 'fe80::/10');
const isMulticast = (address: Address): boolean => starts(address, '224.0.0.0/4') || starts(address, 'ff00::/8');
const isBroadcast = ({ bits, value }: Address): boolean => bits === 32 && value === 0xffff_ffffn;

export const network = define({
  'ip(string): net.IP': ([text]) => ip(text),
  'isIP(string): bool': ([text]) => parseAddress(text) !== undefined,
  'ip.isCanonical(string): bool': ([text]) => ip(text).key === text,
  'string(net.IP): string': ([address]) => address.key,
  'net.IP.family(): int': ([{ of }]) => (of.bits === 32 ? 4n : 6n),
  'net.IP.isUnspecified(): bool': ([{ of }]) => of.value === 0n,
  'net.IP.isLoopback(): bool': ([{ of }]) => isLoopback(of),
  'net.IP.isLinkLocalMulticast(): bool': ([{ of }]) => starts(of, '224.0.0.0/24') || starts(of, 'ff02::/16'),
  'net.IP.isLinkLocalUnicast(): bool': ([{ of }]) => isUnicastLocal(of),
  'net.IP.isGlobalUnicast(): bool': ([{ of }]) =>
    of.value !== 0n && !isBroadcast(of) && !isLoopback(of) && !isUnicastLocal(of) && !isMulticast(of),
  'cidr(string): net.CIDR': ([text]) => cidr(text),
  'isCIDR(string): bool': ([text]) => parseNetwork(text) !== undefined,
  'string(net.CIDR): string': ([network_]) => network_.key,
  'net.CIDR.containsIP(net.IP): bool': ([{ of }, address]) => containsIP(of, address.of),
  'net.CIDR.containsIP(string): bool': ([{ of }, text]) => containsIP(of, ip(text).of),
  'net.CIDR.containsCIDR(net.CIDR): bool': ([{ of }, other]) => containsCIDR(of, other.of),
  'net.CIDR.containsCIDR(string): bool': ([{ of }, text]) => containsCIDR(of, cidr(text).of),
  'net.CIDR.ip(): net.IP': ([{ of }]) => wrapAddress({ bits: of.bits, value: of.value }),
  'net.CIDR.masked(): net.CIDR': ([{ of }]) => wrapNetwork({ ...of, value: masked(of) }),
  'net.CIDR.prefixLength(): int': ([{ of }]) => BigInt(of.prefix),
});
