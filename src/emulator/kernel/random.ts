/** The one seeded source of randomness. The same seed gives the same cluster. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const hex = '0123456789abcdef';
const hyphen = 45;
/** The alphabet of generateName suffixes: no vowels and no look-alikes (apimachinery, pkg/util/rand). */
const safe = 'bcdfghjklmnpqrstvwxz2456789';

export class Random {
  #generator: ReturnType<typeof xoroshiro128plus>;
  readonly #chars: number[] = new Array<number>(36).fill(0);

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** Runs what may draw, and stands afterwards where it stood before. */
  apart<T>(run: () => T): T {
    const kept = this.#generator.clone();
    try {
      return run();
    } finally {
      this.#generator = kept;
    }
  }

  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.uint32() % limit;
  }

  /** A number from 0 to 1, 1 excluded. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** UUID v4, built from char codes in one call: concatenation would leave a rope of 32-byte cells on the heap. */
  uuid(): string {
    const chars = this.#chars;
    let bits = 0;
    for (let i = 0; i < 36; i++) {
      if ((i & 7) === 0) bits = this.uint32();
      chars[i] = hex.charCodeAt(bits & 15);
      bits >>>= 4;
    }
    chars[8] = chars[13] = chars[18] = chars[23] = hyphen;
    chars[14] = 52;
    chars[19] = '89ab'.charCodeAt(this.uint32() & 3);
    return String.fromCharCode.apply(null, chars);
  }

  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string {
    const chars: number[] = [];
    for (let bits = 0; chars.length < length; bits >>>= 4) {
      if ((chars.length & 7) === 0) bits = this.uint32();
      chars.push(hex.charCodeAt(bits & 15));
    }
    return String.fromCharCode.apply(null, chars);
  }

  /** Characters as generateName appends them, five by default. */
  suffix(length = 5): string {
    const chars: number[] = [];
    while (chars.length < length) chars.push(safe.charCodeAt(this.below(safe.length)));
    return String.fromCharCode.apply(null, chars);
  }
}
