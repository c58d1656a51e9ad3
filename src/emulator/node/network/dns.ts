/**
 * DNS as messages (RFC 1035), without their wire encoding: what a datagram to port 53 carries. Names are fully qualified,
 * with their final dot; they compare without case and an answer repeats the name as it was asked.
 */
import { formatIPv6, parseIPv6 } from '../../machinery/ipv6.ts';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'SRV' | 'NS' | 'SOA' | 'TXT' | 'MX' | 'HINFO' | 'ANY';

export type ResponseCode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  /** Seconds. */
  readonly ttl: number;
  /** As `dig` prints it: an address, a name, `0 100 80 web.default.svc.cluster.local.` */
  readonly data: string;
}

export interface DnsQuery {
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  /** What fits into one datagram, as EDNS says it; 512 bytes without. */
  readonly bufferSize?: number | undefined;
}

export interface DnsAnswer {
  readonly id: number;
  readonly code: ResponseCode;
  readonly isAuthoritative: boolean;
  readonly isRecursive: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** Records were left out since a datagram has no room for them: ask again over TCP. */
  readonly isTruncated?: boolean;
}

/** An answer without records. */
export function emptyAnswer(query: DnsQuery, code: ResponseCode): DnsAnswer {
  return { id: query.id, code, isAuthoritative: false, isRecursive: true, answers: [], authority: [], additional: [] };
}

/** Whether a datagram's payload is a query. */
export function isDnsQuery(payload: unknown): payload is DnsQuery {
  return typeof payload === 'object' && payload !== null && 'name' in payload && 'type' in payload && !('code' in payload);
}

/** What a query asks for, as paths and captures print it; undefined for other payloads. */
export function aboutDns(payload: unknown): string | undefined {
  return isDnsQuery(payload) ? `${payload.type} ${payload.name}` : undefined;
}

/** Whether a datagram's payload is an answer to this query. */
export function isDnsAnswer(payload: unknown, query: DnsQuery): payload is DnsAnswer {
  return typeof payload === 'object' && payload !== null && 'code' in payload && (payload as DnsAnswer).id === query.id;
}

/** Bytes of an answer on the wire, each name after the question's a pointer to it. */
export function messageSize(name: string, { answers, authority, additional }: DnsAnswer, hasEdns = true): number {
  const question = 12 + fullyQualified(name).length + 1 + 4 + (hasEdns ? 11 : 0);
  return [...answers, ...authority, ...additional].reduce(
    (sum, { type, data }) => sum + 12 + (type === 'A' ? 4 : type === 'AAAA' ? 16 : data.length + 1),
    question,
  );
}

/** An answer as it fits into a datagram: what does not is left out, and the answer says so. */
export function truncated(query: DnsQuery, answer: DnsAnswer): DnsAnswer {
  const room = Math.max(512, query.bufferSize ?? 512);
  const hasEdns = query.bufferSize !== undefined;
  if (messageSize(query.name, answer, hasEdns) <= room) return answer;
  let [answers, isTruncated] = [answer.answers, false];
  while (answers.length > 0 && messageSize(query.name, { ...answer, answers, additional: [] }, hasEdns) > room) {
    answers = answers.slice(0, -1);
    isTruncated = true;
  }
  return { ...answer, answers, additional: [], isTruncated };
}

/** The name with its final dot. */
export function fullyQualified(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** The name that holds an address's PTR record: `1.0.96.10.in-addr.arpa.`; of IPv6 a label for each of the 32 digits, under `ip6.arpa.` */
export function reverseName(ip: string): string {
  const six = parseIPv6(ip);
  if (six !== undefined) return `${[...six.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa.`;
  return `${ip.split('.').reverse().join('.')}.in-addr.arpa.`;
}

/** The address that a name of `in-addr.arpa.` or `ip6.arpa.` is about; undefined for other names. */
export function reverseAddress(name: string): string | undefined {
  const labels = name.toLowerCase().split('.');
  if (name.toLowerCase().endsWith('.in-addr.arpa.')) return labels.slice(0, -3).reverse().join('.');
  if (!/^([0-9a-f]\.){32}ip6\.arpa\.$/i.test(name)) return undefined;
  return formatIPv6(BigInt(`0x${labels.slice(0, 32).reverse().join('')}`));
}
