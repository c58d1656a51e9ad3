/** Hands out equal parts of an IPv4 range in turn (pkg/controller/nodeipam/ipam/cidrset). */
export class CIDRSet {
  readonly #base: number;
  readonly #nodeBits: number;
  readonly #size: number;
  readonly #used = new Set<number>();
  #next = 0;

  /** Throws when the range is no IPv4 CIDR or the parts do not fit into it. */
  constructor(range: string, maskSize: number) {
    const parsed = parseCIDR(range);
    if (!parsed || maskSize < parsed.bits || maskSize > 32) throw new Error(`invalid CIDR range ${range} for parts of /${maskSize}`);
    this.#base = parsed.base;
    this.#nodeBits = 32 - maskSize;
    this.#size = 2 ** (maskSize - parsed.bits);
  }

  /** The next free part, undefined when all are in use. */
  allocate(): string | undefined {
    if (this.#used.size >= this.#size) return undefined;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.#size;
    const index = this.#next;
    this.#used.add(index);
    this.#next = (index + 1) % this.#size;
    return `${text(this.#base + index * 2 ** this.#nodeBits)}/${32 - this.#nodeBits}`;
  }

  /** Marks every part that overlaps a range as used. Ranges elsewhere are no matter. */
  occupy(range: string): void {
    for (const index of this.#indexes(range)) this.#used.add(index);
  }

  release(range: string): void {
    for (const index of this.#indexes(range)) this.#used.delete(index);
  }

  *#indexes(range: string): Iterable<number> {
    const parsed = parseCIDR(range);
    if (!parsed) return;
    const part = 2 ** this.#nodeBits;
    const first = Math.max(0, Math.floor((parsed.base - this.#base) / part));
    const last = Math.min(this.#size - 1, Math.floor((parsed.base + 2 ** (32 - parsed.bits) - 1 - this.#base) / part));
    for (let index = first; index <= last; index++) yield index;
  }
}

function parseCIDR(range: string): { readonly base: number; readonly bits: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(range);
  if (!match) return undefined;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || bits > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { base: address - (address % 2 ** (32 - bits)), bits };
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
