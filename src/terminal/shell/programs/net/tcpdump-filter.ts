/** Filters as pcap-filter(7) has them, as far as they are usual: `host`, `net`, `port`, `src`, `dst`, protocols, and, or, not, parentheses. */
import type { Protocol } from '../../../../emulator/node/network/index.ts';
import { canonicalIP, covers, parseBlock } from '../../../../emulator/node/network/index.ts';
import { isIPv6Text } from '../../../../emulator/machinery/ipv6.ts';

/** What a filter looks at: the outermost addresses of a frame. */
export interface Seen {
  readonly protocol: Protocol;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

type Side = 'source' | 'destination';

export type Filter = (seen: Seen) => boolean;

/** Undefined when the words are no filter. No words let everything pass. */
export function parseFilter(words: readonly string[]): Filter | undefined {
  const tokens = words
    .flatMap((word) => word.replaceAll('(', ' ( ').replaceAll(')', ' ) ').replaceAll('!', ' ! ').split(/\s+/))
    .filter(Boolean);
  if (tokens.length === 0) return () => true;
  const parser = new Parser(tokens);
  const filter = parser.either();
  return parser.isAtEnd ? filter : undefined;
}

const names: Readonly<Record<string, number>> = { domain: 53, http: 80, https: 443, ssh: 22 };

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Filter | undefined {
    let left = this.#both();
    while (left && this.#take('or', '||')) {
      const [a, b] = [left, this.#both()];
      left = b && ((seen) => a(seen) || b(seen));
    }
    return left;
  }

  #both(): Filter | undefined {
    let left = this.#one();
    while (left && this.#take('and', '&&')) {
      const [a, b] = [left, this.#one()];
      left = b && ((seen) => a(seen) && b(seen));
    }
    return left;
  }

  #one(): Filter | undefined {
    if (this.#take('not', '!')) {
      const inner = this.#one();
      return inner && ((seen) => !inner(seen));
    }
    if (this.#take('(')) {
      const inner = this.either();
      return this.#take(')') ? inner : undefined;
    }
    if (this.#take('ip')) return (seen) => !isIPv6Text(seen.source);
    if (this.#take('ip6')) return (seen) => isIPv6Text(seen.source);
    for (const protocol of ['tcp', 'udp', 'sctp', 'icmp', 'icmp6'] as const) {
      if (!this.#take(protocol)) continue;
      const isProtocol: Filter = (seen) =>
        protocol.startsWith('icmp')
          ? seen.protocol === 'ICMP' && isIPv6Text(seen.source) === (protocol === 'icmp6')
          : seen.protocol === protocol.toUpperCase();
      // `tcp port 80`: the protocol narrows what follows.
      if (!['port', 'portrange', 'src', 'dst', 'host', 'net'].includes(this.#tokens[this.#at] ?? '')) return isProtocol;
      const rest = this.#primitive();
      return rest && ((seen) => isProtocol(seen) && rest(seen));
    }
    return this.#primitive();
  }

  /** `[src|dst] [host|net|port] VALUE`. */
  #primitive(): Filter | undefined {
    const end = this.#take('src') ? 'source' : this.#take('dst') ? 'destination' : undefined;
    const ends: readonly Side[] = end ? [end] : ['source', 'destination'];
    if (this.#take('port')) {
      const word = this.#next();
      const port = names[word] ?? Number(word);
      return Number.isInteger(port)
        ? (seen) => seen.protocol !== 'ICMP' && ends.some((one) => (one === 'source' ? seen.sourcePort : seen.destinationPort) === port)
        : undefined;
    }
    if (this.#take('net')) {
      const block = parseBlock(this.#next());
      return block && ((seen) => ends.some((one) => covers(block, seen[one])));
    }
    const isHost = this.#take('host');
    if (!isHost && !end) return undefined;
    const ip = canonicalIP(this.#next());
    return ip === undefined ? undefined : (seen) => ends.some((one) => seen[one] === ip);
  }

  #take(...words: readonly string[]): boolean {
    if (!words.includes(this.#tokens[this.#at] ?? '')) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }
}
