/** IPv4 ranges and the order in which free values are tried. Upstream: pkg/registry/core/service/{ipallocator,portallocator}. */

export interface Range {
  readonly text: string;
  /** The network's own address. */
  readonly first: number;
  readonly size: number;
}

const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export function ipOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** `10.96.0.0/16`. */
export function parseRange(text: string): Range {
  const [ip = '', bits = '32'] = text.split('/');
  const size = 2 ** (32 - Number(bits));
  return { text, first: Math.floor(toNumber(ip) / size) * size, size };
}

/** Whether an address lies in the range at all. */
export function covers({ first, size }: Range, ip: string): boolean {
  const value = toNumber(ip);
  return value >= first && value < first + size;
}

/** Whether an address can be given out: the network and broadcast addresses cannot. */
export function contains({ first, size }: Range, ip: string): boolean {
  const value = toNumber(ip);
  return value > first && value < first + size - 1;
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
