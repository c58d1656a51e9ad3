/**
 * DNS as messages (RFC 1035), without their wire encoding: what a datagram to port 53 carries. Names are fully qualified,
 * with their final dot; they compare without case and an answer repeats the name as it was asked.
 */
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
}

export interface DnsAnswer {
  readonly id: number;
  readonly code: ResponseCode;
  readonly isAuthoritative: boolean;
  readonly isRecursive: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
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

/** The name with its final dot. */
export function fullyQualified(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** The name that holds an address's PTR record: `1.0.96.10.in-addr.arpa.` */
export function reverseName(ip: string): string {
  return `${ip.split('.').reverse().join('.')}.in-addr.arpa.`;
}
