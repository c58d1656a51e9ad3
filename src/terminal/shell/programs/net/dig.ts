/** dig and host: BIND's tools that ask a name server one question. */
import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { DnsAnswer, DnsRecord, RecordType } from '../../../../emulator/node/network/index.ts';
import {
  ask,
  messageSize,
  canonicalIP,
  query,
  ResolveError,
  readResolvConf,
  resolveHost,
  reverseName,
  searchNames,
} from '../../../../emulator/node/network/index.ts';

const recordTypes: readonly string[] = ['A', 'AAAA', 'CNAME', 'PTR', 'SRV', 'NS', 'SOA', 'TXT', 'MX', 'ANY'];
const version = '9.18.33-1~deb12u2-Debian';

interface Options {
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: RecordType;
  readonly isShort: boolean;
  readonly usesSearch: boolean;
  readonly usesTcp: boolean;
  /** Takes what is truncated as it is (`+ignore`). */
  readonly ignoresTruncation: boolean;
  /** Undefined without EDNS. */
  readonly bufferSize: number | undefined;
  readonly shows: {
    readonly cmd: boolean;
    readonly comments: boolean;
    readonly question: boolean;
    readonly answer: boolean;
    readonly stats: boolean;
  };
  readonly timeoutMs: number;
  readonly tries: number;
}

function readOptions(sys: Sys): Options | { readonly error: string } {
  let [server, name, type, port, timeoutMs, tries] = [readResolvConf(sys.fs).nameservers[0]!, '.', 'A', 53, 5000, 3];
  let [isShort, usesSearch, usesTcp, ignoresTruncation] = [false, false, false, false];
  let bufferSize: number | undefined = 1232;
  const shows = { cmd: true, comments: true, question: true, answer: true, stats: true };
  const args = sys.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('@')) server = arg.slice(1);
    else if (arg === '-x') [name, type] = [reverseName(args[++i] ?? ''), 'PTR'];
    else if (arg === '-t') type = (args[++i] ?? 'A').toUpperCase();
    else if (arg === '-p') port = Number(args[++i]);
    else if (arg === '-4' || arg.toUpperCase() === 'IN') continue;
    else if (arg.startsWith('+')) {
      const [, no, word = '', value] = /^\+(no)?(\w+)(?:=(\d+))?$/.exec(arg) ?? [];
      const isOn = no === undefined;
      if (word === 'short') isShort = isOn;
      else if (word === 'search') usesSearch = isOn;
      else if (word === 'tcp' || word === 'vc') usesTcp = isOn;
      else if (word === 'ignore') ignoresTruncation = isOn;
      else if (word === 'edns') bufferSize = isOn ? 1232 : undefined;
      else if (word === 'bufsize') bufferSize = isOn ? Number(value ?? 1232) : undefined;
      else if (word === 'all') for (const part of Object.keys(shows) as (keyof typeof shows)[]) shows[part] = isOn;
      else if (word in shows) shows[word as keyof typeof shows] = isOn;
      else if (word === 'time' || word === 'timeout') timeoutMs = Number(value) * 1000;
      else if (word === 'tries' || word === 'retry') tries = Number(value) + (word === 'retry' ? 1 : 0);
      else if (
        !['recurse', 'dnssec', 'cookie', 'identify', 'authority', 'additional', 'ttlid', 'multiline', 'trace'].includes(word) ||
        (isOn && word === 'trace')
      )
        return { error: `Invalid option: ${arg}` };
    } else if (arg.startsWith('-')) return { error: `Invalid option: ${arg}` };
    else if (recordTypes.includes(arg.toUpperCase())) type = arg.toUpperCase();
    else name = arg;
  }
  return {
    server,
    port,
    name,
    type: type as RecordType,
    isShort,
    usesSearch,
    usesTcp,
    ignoresTruncation,
    bufferSize,
    shows,
    timeoutMs,
    tries,
  };
}

export const dig: Program = function* (sys) {
  const options = readOptions(sys);
  if ('error' in options) {
    yield* sys.print(2, `${options.error}\n`);
    return 1;
  }
  let ip: string;
  try {
    ip = yield* resolveHost(sys, options.server);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    yield* sys.print(2, `dig: couldn't get address for '${options.server}': not found\n`);
    return 9;
  }
  const startedMs = sys.nowMs;
  const names = options.usesSearch ? searchNames(options.name, readResolvConf(sys.fs)) : [options.name];
  let answer: DnsAnswer | undefined;
  let asked = options.name;
  for (asked of names) {
    for (let attempt = 0; attempt < options.tries && !answer; attempt++)
      answer = yield* askOnce(sys, { ip, port: options.port }, asked, options);
    if (!answer || answer.code === 'NOERROR') break;
    if (asked !== names.at(-1)) answer = undefined;
  }
  if (!answer) {
    yield* sys.print(
      1,
      `${head(sys, options)}${`;; communications error to ${ip}#${options.port}: timed out\n`.repeat(options.tries)};; no servers could be reached\n`,
    );
    return 9;
  }
  if (options.isShort) yield* sys.print(1, answer.answers.map(({ data }) => `${data}\n`).join(''));
  else yield* sys.print(1, head(sys, options) + message(sys, options, answer, { ip, asked, ms: sys.nowMs - startedMs }));
  return 0;
};

/** One question; what is truncated is asked again over TCP, which dig says. */
function* askOnce(
  sys: Sys,
  server: { readonly ip: string; readonly port: number },
  name: string,
  options: Options & { isTcp?: boolean },
): Call<DnsAnswer | undefined> {
  const { type, timeoutMs, usesTcp, bufferSize, ignoresTruncation } = options;
  const question = { name, type, timeoutMs, ...(bufferSize !== undefined && { bufferSize }), takesTruncated: true };
  const answer = yield* query(sys, server, { ...question, protocol: usesTcp ? 'TCP' : 'UDP' });
  if (!answer?.isTruncated || ignoresTruncation) return answer;
  yield* sys.print(1, ';; Truncated, retrying in TCP mode.\n');
  options.isTcp = true;
  return yield* query(sys, server, { ...question, protocol: 'TCP' });
}

function head(sys: Sys, { shows, isShort }: Options): string {
  return shows.cmd && !isShort ? `\n; <<>> DiG ${version} <<>> ${sys.argv.slice(1).join(' ')}\n;; global options: +cmd\n` : '';
}

function record({ name, ttl, type, data }: DnsRecord): string {
  const padded = name.length < 24 ? name + '\t'.repeat(Math.ceil((24 - name.length) / 8)) : `${name} `;
  return `${padded}${ttl}\tIN\t${type}\t${data}\n`;
}

function message(
  sys: Sys,
  { shows, type, port, usesTcp, bufferSize, isTcp = usesTcp }: Options & { readonly isTcp?: boolean },
  answer: DnsAnswer,
  asked: { readonly ip: string; readonly asked: string; readonly ms: number },
): string {
  const { answers, authority, additional } = answer;
  const flags = [
    'qr',
    ...(answer.isAuthoritative ? ['aa'] : []),
    ...(answer.isTruncated ? ['tc'] : []),
    'rd',
    ...(answer.isRecursive ? ['ra'] : []),
  ].join(' ');
  const name = asked.asked.endsWith('.') ? asked.asked : `${asked.asked}.`;
  let out = '';
  if (shows.comments) {
    out += `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${answer.code}, id: ${answer.id}\n`;
    out += `;; flags: ${flags}; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: ${additional.length + (bufferSize === undefined ? 0 : 1)}\n`;
    if (!answer.isRecursive) out += ';; WARNING: recursion requested but not available\n';
    out += bufferSize === undefined ? '\n' : '\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n';
  }
  if (shows.question)
    out += `${shows.comments ? ';; QUESTION SECTION:\n' : ''};${name}${'\t'.repeat(Math.max(1, Math.ceil((23 - name.length) / 8)))}\tIN\t${type}\n\n`;
  const section = (title: string, records: readonly DnsRecord[]): string =>
    records.length === 0
      ? ''
      : `${shows.comments ? `;; ${title} SECTION:\n` : ''}${records.map(record).join('')}${shows.comments ? '\n' : ''}`;
  if (shows.answer) out += section('ANSWER', answers);
  if (shows.comments) out += section('AUTHORITY', authority) + section('ADDITIONAL', additional);
  if (shows.stats)
    out += `;; Query time: ${asked.ms} msec\n;; SERVER: ${asked.ip}#${port}(${asked.ip}) (${isTcp ? 'TCP' : 'UDP'})\n;; WHEN: ${when(sys)}\n;; MSG SIZE  rcvd: ${messageSize(name, answer, bufferSize !== undefined)}\n\n`;
  return out;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function when(sys: Sys): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(.*)Z$/.exec(sys.kernel.clock.timestamp())!;
  const weekday = Math.floor(sys.kernel.clock.unixMs / 86_400_000 + 4) % 7;
  return `${days[weekday]} ${months[Number(month) - 1]} ${day} ${time} UTC ${year}`;
}

export const host: Program = function* (sys) {
  const operands = sys.argv.slice(1).filter((arg, i, all) => !arg.startsWith('-') && all[i - 1] !== '-t');
  const typeAt = sys.argv.indexOf('-t');
  const [name, server] = operands;
  if (name === undefined) {
    yield* sys.print(
      2,
      'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n',
    );
    return 1;
  }
  const conf = readResolvConf(sys.fs);
  const isAddress = canonicalIP(name) !== undefined;
  const type = (isAddress ? 'PTR' : typeAt > 0 ? (sys.argv[typeAt + 1] ?? 'A').toUpperCase() : 'A') as RecordType;
  const names = isAddress ? [reverseName(name)] : searchNames(name, conf);
  const using = server === undefined ? conf : { ...conf, nameservers: [server] };
  return yield* answerHost(sys, name, { using, names, type, server, isGiven: typeAt > 0 });
};

function* answerHost(
  sys: Sys,
  name: string,
  {
    using,
    names,
    type,
    server,
    isGiven,
  }: {
    readonly using: ReturnType<typeof readResolvConf>;
    readonly names: readonly string[];
    readonly type: RecordType;
    readonly server: string | undefined;
    /** Whether the type was asked for. Without it addresses of both families are, and what is not there is not spoken of. */
    readonly isGiven: boolean;
  },
): Call<number> {
  let answer: DnsAnswer | undefined;
  let found = names[0]!;
  for (const full of names) {
    found = full;
    answer = yield* ask(sys, using, full, type);
    if (!answer || answer.code === 'NOERROR') break;
  }
  if (!answer) {
    yield* sys.print(1, ';; connection timed out; no servers could be reached\n');
    return 1;
  }
  if (answer.code !== 'NOERROR') {
    yield* sys.print(
      1,
      `Host ${type === 'PTR' ? names[0]! : name} not found: ${answer.code === 'NXDOMAIN' ? 3 : answer.code === 'SERVFAIL' ? 2 : 5}(${answer.code})\n`,
    );
    return 1;
  }
  if (server !== undefined) yield* sys.print(1, `Using domain server:\nName: ${server}\nAddress: ${server}#53\nAliases: \n\n`);
  const more = isGiven || type === 'PTR' ? undefined : yield* ask(sys, using, found, 'AAAA');
  const all = [...answer.answers, ...(more?.answers ?? []).filter(({ type: kind }) => kind === 'AAAA')];
  for (const { name: owner, type: kind, data } of all)
    yield* sys.print(1, `${owner.replace(/\.$/, '')} ${words[kind] ?? `has ${kind} record`} ${data}\n`);
  if (isGiven && answer.answers.length === 0) yield* sys.print(1, `${name} has no ${type} record\n`);
  return 0;
}

const words: Partial<Record<RecordType, string>> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  CNAME: 'is an alias for',
  PTR: 'domain name pointer',
  SRV: 'has SRV record',
  NS: 'name server',
  TXT: 'descriptive text',
};
