/** IPv6 addresses as 128-bit numbers. Text is the form in which they travel, and always the shortest (RFC 5952); numbers are for arithmetic. */

const octet = /^(0|[1-9]\d{0,2})$/;

/** Undefined when the text is no IPv6 address, as Go's netip reads it (without a zone). The last 32 bits may be written as IPv4. */
export function parseIPv6(text: string): bigint | undefined {
  if (!text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = halves.length === 1 ? expandLast(head) : expandLast(tail);
  if (!groups) return undefined;
  const [before, after] = halves.length === 1 ? [groups, []] : [head, groups];
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** Two groups in the place of an IPv4 address at the end. */
function expandLast(groups: readonly string[]): readonly string[] | undefined {
  const last = groups.at(-1);
  if (!last?.includes('.')) return groups;
  const octets = last.split('.');
  if (octets.length !== 4 || !octets.every((part) => octet.test(part) && Number(part) < 256)) return undefined;
  const [a, b, c, d] = octets.map(Number) as [number, number, number, number];
  return [...groups.slice(0, -1), (a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

/** The longest run of zeros is left out, the first of equals (RFC 5952). */
export function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.from < 0) return hex.join(':');
  return `${hex.slice(0, best.from).join(':')}::${hex.slice(best.from + best.length).join(':')}`;
}

/** Whether an address's text is of IPv6: no address of IPv4 has a colon. */
export function isIPv6Text(ip: string): boolean {
  return ip.includes(':');
}

/** `10.0.0.1:80`, `[fd00::1]:80`; `localhost:80` too. */
export function hostPort(host: string, port: number | string): string {
  return isIPv6Text(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The host of a URL's authority as an address: without the brackets in which one of IPv6 stands. */
export function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
