import { formatIPv6, parseIPv6 } from '../../../machinery/ipv6.ts';

interface Range {
  readonly base: bigint;
  readonly bits: number;
  /** Of its family's addresses: 32 or 128. */
  readonly width: 32 | 128;
}

/** Hands out equal parts of a range in turn (pkg/controller/nodeipam/ipam/cidrset). */
export class CIDRSet {
  readonly #range: Range;
  readonly #maskSize: number;
  readonly #size: number;
  readonly #used = new Set<number>();
  #next = 0;

  /** Throws when the range is no CIDR or the parts do not fit into it. */
  constructor(range: string, maskSize: number) {
    const parsed = parseCIDR(range);
    if (!parsed || maskSize < parsed.bits || maskSize > parsed.width)
      throw new Error(`invalid CIDR range ${range} for parts of /${maskSize}`);
    this.#range = parsed;
    this.#maskSize = maskSize;
    this.#size = 2 ** (maskSize - parsed.bits);
  }

  /** The next free part, undefined when all are in use. */
  allocate(): string | undefined {
    if (this.#used.size >= this.#size) return undefined;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.#size;
    const index = this.#next;
    this.#used.add(index);
    this.#next = (index + 1) % this.#size;
    const { base, width } = this.#range;
    return `${textOf(base + (BigInt(index) << this.#partBits), width)}/${this.#maskSize}`;
  }

  /** Marks every part that overlaps a range as used. Ranges elsewhere are no matter. */
  occupy(range: string): void {
    for (const index of this.#indexes(range)) this.#used.add(index);
  }

  release(range: string): void {
    for (const index of this.#indexes(range)) this.#used.delete(index);
  }

  get #partBits(): bigint {
    return BigInt(this.#range.width - this.#maskSize);
  }

  *#indexes(range: string): Iterable<number> {
    const parsed = parseCIDR(range);
    if (parsed?.width !== this.#range.width) return;
    const { base } = this.#range;
    const end = parsed.base + (1n << BigInt(parsed.width - parsed.bits)) - 1n;
    const first = parsed.base < base ? 0 : Number((parsed.base - base) >> this.#partBits);
    const last = end < base ? -1 : Math.min(this.#size - 1, Number((end - base) >> this.#partBits));
    for (let index = first; index <= last; index++) yield index;
  }
}

function parseCIDR(range: string): Range | undefined {
  const [address = '', length = '', ...rest] = range.split('/');
  const six = parseIPv6(address);
  const width = six === undefined ? 32 : 128;
  const value = six ?? parseIPv4(address);
  const bits = Number(length);
  if (value === undefined || rest.length > 0 || !/^\d+$/.test(length) || bits > width) return undefined;
  const shift = BigInt(width - bits);
  return { base: (value >> shift) << shift, bits, width };
}

function parseIPv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return undefined;
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function textOf(address: bigint, width: 32 | 128): string {
  return width === 128 ? formatIPv6(address) : [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
}
