/** nslookup in its two forms: BusyBox's applet, and BIND's on Debian. */
import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { DnsAnswer, DnsRecord, RecordType, ResolvConf } from '../../../../emulator/node/network/index.ts';
import { hostPort, isIPv6Text } from '../../../../emulator/machinery/ipv6.ts';
import {
  ask,
  canonicalIP,
  ResolveError,
  readResolvConf,
  resolveHost,
  reverseName,
  searchNames,
} from '../../../../emulator/node/network/index.ts';
import { isDebian } from './flavour.ts';

const recordTypes: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'PTR', 'SRV', 'NS', 'SOA', 'TXT', 'MX', 'ANY'];

interface Question {
  readonly sys: Sys;
  readonly conf: ResolvConf;
  readonly name: string;
  /** Undefined: addresses of both families, or the name of an address. */
  readonly type: RecordType | undefined;
}

export const nslookup: Program = function* (sys) {
  let type: RecordType | undefined;
  const operands: string[] = [];
  for (const arg of sys.argv.slice(1)) {
    const wanted = /^-(?:type|querytype|q|t|ty)=(\w+)$/i.exec(arg)?.[1]?.toUpperCase();
    if (wanted !== undefined && recordTypes.includes(wanted as RecordType)) type = wanted as RecordType;
    else if (wanted !== undefined)
      yield* sys.print(2, isDebian(sys) ? `unknown query type: ${wanted}\n` : `nslookup: invalid query type "${wanted}"\n`);
    else if (!arg.startsWith('-')) operands.push(arg);
  }
  const [name, server] = operands;
  if (name === undefined) {
    yield* sys.print(
      2,
      isDebian(sys)
        ? 'nslookup: interactive mode is not available here, give a name\n'
        : 'BusyBox v1.37.0 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n',
    );
    return 1;
  }
  let conf = readResolvConf(sys.fs);
  if (server !== undefined) {
    try {
      conf = { ...conf, nameservers: [yield* resolveHost(sys, server)] };
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      yield* sys.print(
        isDebian(sys) ? 1 : 2,
        isDebian(sys) ? `nslookup: couldn't get address for '${server}': not found\n` : `nslookup: bad address '${server}'\n`,
      );
      return 1;
    }
  }
  const question = { sys, conf, name, type };
  return isDebian(sys) ? yield* bind(question) : yield* busybox(question);
};

/** Said before what a server knows from another one. */
const nonAuthoritative = ({ isAuthoritative, answers }: DnsAnswer): string =>
  isAuthoritative || answers.length === 0 ? '' : 'Non-authoritative answer:\n';

const bare = (name: string): string => name.replace(/\.$/, '');

function lines(records: readonly DnsRecord[]): string {
  return records.map(({ name, type, data }) => line(bare(name), type, data)).join('');
}

function line(name: string, type: RecordType, data: string): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${data}\n`;
    case 'CNAME':
      return `${name}\tcanonical name = ${bare(data)}\n`;
    case 'PTR':
      return `${name}\tname = ${bare(data)}\n`;
    case 'SRV':
      return `${name}\tservice = ${bare(data)}\n`;
    case 'TXT':
      return `${name}\ttext = ${data}\n`;
    case 'NS':
      return `${name}\tnameserver = ${bare(data)}\n`;
    default:
      return `${name}\t${type} ${data}\n`;
  }
}

/**
 * BusyBox (networking/nslookup.c): a name without a dot is asked with every search domain, one with a dot only as it is, and a
 * failure of any of them is the exit code.
 */
function* busybox({ sys, conf, name, type }: Question): Call<number> {
  const server = conf.nameservers[0]!;
  const isAddress = canonicalIP(name) !== undefined;
  const names = isAddress
    ? [reverseName(name)]
    : name.includes('.') || conf.search.length === 0
      ? [name]
      : conf.search.map((domain) => `${name}.${domain}`);
  const types: readonly RecordType[] = isAddress ? ['PTR'] : type ? [type] : ['A', 'AAAA'];
  let code = 0;
  let hasHead = false;
  for (const wanted of types) {
    for (const full of names) {
      const answer = yield* ask(sys, { ...conf, nameservers: [server] }, full, wanted);
      if (!answer) {
        yield* sys.print(1, `;; connection timed out; no servers could be reached\n\n`);
        return 1;
      }
      if (!hasHead) yield* sys.print(1, `Server:\t\t${server}\nAddress:\t${hostPort(server, 53)}\n\n`);
      hasHead = true;
      if (answer.code !== 'NOERROR') {
        code = 1;
        yield* sys.print(1, `** server can't find ${bare(full)}: ${answer.code}\n\n`);
      } else yield* sys.print(1, `${nonAuthoritative(answer)}${lines(answer.answers)}\n`);
    }
  }
  return code;
}

/** BIND's: the search path until something is found. */
function* bind({ sys, conf, name, type }: Question): Call<number> {
  const server = conf.nameservers[0]!;
  const isAddress = canonicalIP(name) !== undefined;
  const names = isAddress ? [reverseName(name)] : searchNames(name, conf);
  const wanted = isAddress ? 'PTR' : (type ?? 'A');
  let last: DnsAnswer | undefined;
  let found = names[0]!;
  for (const full of names) {
    found = full;
    last = yield* ask(sys, conf, full, wanted);
    if (!last || last.answers.length > 0 || last.code === 'NOERROR') break;
  }
  if (!last) {
    yield* sys.print(1, ';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  const head = isAddress ? '' : `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
  if (last.code !== 'NOERROR') {
    yield* sys.print(1, `${head}** server can't find ${isAddress ? bare(names[0]!) : name}: ${last.code}\n\n`);
    return 1;
  }
  // Differs from BIND: where the machine has no address of IPv6 itself, AAAA is not asked for.
  if (!isAddress && type === undefined && sys.net.addresses.some(isIPv6Text)) {
    const six = yield* ask(sys, conf, found, 'AAAA');
    if (six) last = { ...last, answers: [...last.answers, ...six.answers.filter(({ type: kind }) => kind === 'AAAA')] };
  }
  if (last.answers.length === 0) yield* sys.print(1, `${head}*** Can't find ${name}: No answer\n\n`);
  else yield* sys.print(1, `${head}${nonAuthoritative(last)}${lines(last.answers)}\n`);
  return 0;
}
