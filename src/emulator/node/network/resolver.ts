/**
 * How a process finds the address of a name: what libc does with /etc/nsswitch.conf, /etc/hosts and /etc/resolv.conf.
 *
 * - `files` before `dns`, unless nsswitch.conf says otherwise. Names in /etc/hosts win over the cluster's DNS.
 * - A name with fewer dots than `ndots` is tried with each search domain first, then as it is; one with more dots the other
 *   way round. `kubernetes.default` in a Pod costs up to four queries, as resolv.conf(5) says.
 * - A server that does not answer costs `timeout` (5 s), each in turn, `attempts` times (2).
 *
 * - Addresses of IPv6 are asked for where the machine has one itself (AI_ADDRCONFIG), and come after those of IPv4: RFC 6724 prefers IPv4
 *   to unique local addresses, and a cluster's are such.
 *
 * Differs from Linux: musl's habit of asking all servers at once is not imitated.
 */

import type { Call, FileSystem, Kernel, NetNamespace } from '../../kernel/index.ts';
import { Errno, isErrno, textOf } from '../../kernel/index.ts';
import { isIPv6Text } from '../../machinery/ipv6.ts';
import type { DnsAnswer, DnsQuery, DnsRecord, RecordType } from './dns.ts';
import { fullyQualified, isDnsAnswer } from './dns.ts';
import type { IPFamily } from './blocks.ts';
import { canonicalIP, familyOf } from './blocks.ts';

/** What a resolver needs of its process; `Sys` has all of it. */
export interface ResolverContext {
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly net: NetNamespace;
}

/** A name without an address: none exists (EAI_NONAME), or no server could say (EAI_AGAIN). */
export class ResolveError extends Errno {
  readonly reason: 'not-found' | 'try-again';
  constructor(reason: 'not-found' | 'try-again') {
    super(reason === 'not-found' ? 'ENOENT' : 'EAGAIN');
    this.reason = reason;
    this.message = reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution';
  }
}

export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

/** Reads resolv.conf(5). Without a server it is the one on this host. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  let search: readonly string[] = [];
  const options: Record<string, number> = { ndots: 1, timeout: 5, attempts: 2 };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0]) nameservers.push(words[0]);
    if (keyword === 'search' || keyword === 'domain') search = words;
    if (keyword !== 'options') continue;
    for (const word of words) {
      const [name, value] = word.split(':');
      if (name! in options && value && /^\d+$/.test(value)) options[name!] = Number(value);
    }
  }
  return {
    nameservers: nameservers.length > 0 ? nameservers.slice(0, 3) : ['127.0.0.1'],
    search,
    ndots: Math.min(options.ndots!, 15),
    timeoutMs: Math.max(1, Math.min(options.timeout!, 30)) * 1000,
    attempts: Math.max(1, Math.min(options.attempts!, 5)),
  };
}

export function readResolvConf(fs: FileSystem): ResolvConf {
  return parseResolvConf(readIfThere(fs, '/etc/resolv.conf'));
}

/** The full names that a search tries, in order. */
export function searchNames(name: string, conf: Pick<ResolvConf, 'search' | 'ndots'>): readonly string[] {
  if (name.endsWith('.')) return [name];
  const searched = conf.search.map((domain) => fullyQualified(`${name}.${domain}`));
  const dots = name.split('.').length - 1;
  return dots >= conf.ndots ? [`${name}.`, ...searched] : [...searched, `${name}.`];
}

/** The first address of a host, or the first of a family. Throws a `ResolveError`. */
export function* resolveHost(context: ResolverContext, name: string, family?: IPFamily): Call<string> {
  const addresses = yield* resolveAll(context, name, family);
  return addresses[0]!;
}

/** Every address of a host, at least one. Throws a `ResolveError`. */
export function* resolveAll(context: ResolverContext, name: string, family?: IPFamily): Call<readonly string[]> {
  const isWanted = (ip: string): boolean => family === undefined || familyOf(ip) === family;
  const literal = canonicalIP(name);
  if (literal !== undefined && isWanted(literal)) return [literal];
  let error: ResolveError | undefined;
  for (const source of sourcesOf(context.fs)) {
    if (source === 'files') {
      const found = lookUpHosts(context.fs, name).filter((ip) => isWanted(ip) && (family || !isIPv6Text(ip) || hasIPv6(context)));
      if (found.length > 0) return found;
      continue;
    }
    try {
      return yield* lookUpDns(context, name, family);
    } catch (reason) {
      if (!(reason instanceof ResolveError)) throw reason;
      error = reason;
    }
  }
  throw error ?? new ResolveError('not-found');
}

/** Addresses of a name in /etc/hosts. */
export function lookUpHosts(fs: FileSystem, name: string): readonly string[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const found: string[] = [];
  for (const line of readIfThere(fs, '/etc/hosts').split('\n')) {
    const [ip, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = ip && canonicalIP(ip);
    if (address && names.some((candidate) => candidate.toLowerCase() === wanted)) found.push(address);
  }
  // RFC 6761: localhost is this host even where no file says so.
  if (found.length === 0 && wanted === 'localhost') return ['127.0.0.1'];
  return found.sort((a, b) => Number(isIPv6Text(a)) - Number(isIPv6Text(b)));
}

const hasIPv6 = ({ net }: ResolverContext): boolean => net.addresses.some(isIPv6Text);

function* lookUpDns(context: ResolverContext, name: string, family: IPFamily | undefined): Call<readonly string[]> {
  const types = (['A', 'AAAA'] as const).filter((type) =>
    family === undefined ? type === 'A' || hasIPv6(context) : type === (family === 'IPv4' ? 'A' : 'AAAA'),
  );
  const conf = readResolvConf(context.fs);
  let isUncertain = false;
  for (const candidate of searchNames(name, conf)) {
    const addresses: string[] = [];
    let isSilent = false;
    for (const type of types) {
      const answer = yield* ask(context, conf, candidate, type);
      if (!answer || answer.code === 'SERVFAIL' || answer.code === 'REFUSED') isUncertain = true;
      isSilent = answer === undefined;
      if (isSilent) break;
      addresses.push(...addressesOf(answer!.answers));
    }
    if (addresses.length > 0) return addresses;
    if (isSilent) break; // Servers that are silent now are silent for the next name too.
  }
  throw new ResolveError(isUncertain ? 'try-again' : 'not-found');
}

export function addressesOf(records: readonly DnsRecord[]): readonly string[] {
  return records.filter(({ type }) => type === 'A' || type === 'AAAA').map((record) => record.data);
}

/** One query, to each server in turn until one answers. Undefined when none does. */
export function* ask(context: ResolverContext, conf: ResolvConf, name: string, type: RecordType): Call<DnsAnswer | undefined> {
  for (let attempt = 0; attempt < conf.attempts; attempt++) {
    for (const server of conf.nameservers) {
      const answer = yield* query(context, { ip: server, port: 53 }, { name, type, timeoutMs: conf.timeoutMs });
      if (answer && answer.code !== 'SERVFAIL') return answer;
      if (answer && server === conf.nameservers.at(-1)) return answer;
    }
  }
  return undefined;
}

export interface Question {
  readonly name: string;
  readonly type: RecordType;
  readonly timeoutMs: number;
  /** UDP unless it says otherwise. */
  readonly protocol?: 'TCP' | 'UDP';
  /** What fits into a datagram, for who speaks EDNS. */
  readonly bufferSize?: number;
  /** Takes what fits into a datagram, instead of asking again over TCP. */
  readonly takesTruncated?: boolean;
}

/** One question to one server, again over TCP if the answer has no room in a datagram. Undefined when there is no answer. */
export function* query(
  context: ResolverContext,
  server: { readonly ip: string; readonly port: number },
  what: Question,
): Call<DnsAnswer | undefined> {
  const answer = yield* send(context, server, what);
  if (!answer?.isTruncated || what.takesTruncated) return answer;
  return yield* send(context, server, { ...what, protocol: 'TCP' });
}

function* send(
  context: ResolverContext,
  server: { readonly ip: string; readonly port: number },
  { name, type, bufferSize, protocol = 'UDP', timeoutMs }: Question,
): Call<DnsAnswer | undefined> {
  const message: DnsQuery = { id: queryId(context.kernel, name), name: fullyQualified(name), type, bufferSize };
  try {
    const payload = yield* context.net.datagram(server, message, { timeoutMs, protocol });
    return isDnsAnswer(payload, message) ? payload : undefined;
  } catch (error) {
    if (isErrno(error)) return undefined;
    throw error;
  }
}

/** Sixteen bits that differ from query to query. Not from the random source: to look a name up must not change what happens later. */
function queryId(kernel: Kernel, name: string): number {
  let hash = kernel.loop.now & 0xffff;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) & 0xffff;
  return hash;
}

function sourcesOf(fs: FileSystem): readonly string[] {
  const line = /^\s*hosts:(.*)$/m.exec(readIfThere(fs, '/etc/nsswitch.conf'))?.[1];
  const sources =
    line
      ?.trim()
      .split(/\s+/)
      .filter((word) => word === 'files' || word === 'dns') ?? [];
  return sources.length > 0 ? sources : ['files', 'dns'];
}

function readIfThere(fs: FileSystem, path: string): string {
  return fs.find(path) ? textOf(fs.readFile(path)) : '';
}
