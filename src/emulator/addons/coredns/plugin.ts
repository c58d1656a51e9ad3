import type { Call, Peer, Sys } from '../../kernel/index.ts';
import type { DnsAnswer, DnsQuery } from '../../node/network/index.ts';
import type { Directive } from './corefile.ts';

export interface Request {
  readonly query: DnsQuery;
  readonly peer: Peer;
  /** How the client asked. */
  readonly protocol: 'tcp' | 'udp';
  /** A rule of `rewrite` has had the last word. */
  readonly isRewritten?: boolean;
}

type Serve = (request: Request, next: Next) => Call<DnsAnswer>;

export type Next = (request: Request) => Call<DnsAnswer>;

/** One plugin of a server. A query goes from plugin to plugin until one answers. */
export interface Plugin {
  readonly name: string;
  serve?: Serve;
  /** Why `/ready` says no; a plugin without it is ready. */
  isReady?(): boolean;
  /** Before the server listens: caches begin to fill. */
  start?(): void;
  /** The server listens. */
  listening?(): void;
  /** What it holds (informers, listeners, timers) is given back. */
  stop?(): void;
}

/** What a plugin is made with. */
export interface Setup {
  readonly sys: Sys;
  readonly directive: Directive;
  readonly zones: readonly string[];
  readonly port: number;
  /** All plugins of the same server, for ready; filled when the last one is made. */
  readonly plugins: readonly Plugin[];
  readonly counters: Counters;
  /** `[INFO] plugin/ready: …` on standard output. */
  readonly log: (level: 'INFO' | 'WARNING' | 'ERROR' | 'FATAL', message: string) => void;
  /** Throws what CoreDNS says of a directive that it does not understand. */
  readonly fail: (problem: string, at?: Directive) => never;
  /** The same for what is found without its line. */
  readonly refuse: (problem: string) => never;
  /** Asks this server itself from its first plugin on, which is how a CNAME's target is looked up. */
  readonly ask: Next;
  /** Ends the process, as `log.Fatal` does. */
  readonly exit: (code: number) => void;
}

export type CreatePlugin = (setup: Setup) => Plugin;

/** What `/metrics` counts, by the text of the series. */
export class Counters {
  readonly values = new Map<string, number>();

  add(series: string, amount = 1): void {
    this.values.set(series, (this.values.get(series) ?? 0) + amount);
  }
}

/** The longest of the zones that a name lies in, undefined if none. */
export function matchZone(zones: readonly string[], name: string): string | undefined {
  const lower = name.toLowerCase();
  let best: string | undefined;
  for (const zone of zones) {
    const isIn = zone === '.' || lower === zone || lower.endsWith(`.${zone}`);
    if (isIn && (best === undefined || zone.length > best.length)) best = zone;
  }
  return best;
}

/** Zones given as arguments, else those of the server. */
export function zonesOf(args: readonly string[], fallback: readonly string[]): readonly string[] {
  return args.length === 0 ? fallback : args.map((zone) => `${zone.toLowerCase().replace(/\.$/, '')}.`);
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as Go writes it; undefined when it is none. */
export function durationMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) total += Number(value) * units[unit!]!;
  return total;
}
