import type { ByteString, Sys } from '../../../../emulator/kernel/index.ts';
import { base64, isErrno, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import type { OptionTypes, Parsed } from './getopt.ts';
import { getopt } from './getopt.ts';

/** A failure of curl: its exit code, and the words after `curl: (code)`. */
export class CurlError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface CurlOptions {
  /** Addresses of one family only (`-4`, `-6`). */
  readonly family: 'IPv4' | 'IPv6' | undefined;
  readonly urls: readonly string[];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteString | undefined;
  /** Data that `-G` puts into the URL. */
  readonly query: string;
  readonly silent: boolean;
  readonly showError: boolean;
  readonly verbose: boolean;
  readonly include: boolean;
  readonly head: boolean;
  readonly follow: boolean;
  readonly maxRedirects: number;
  readonly insecure: boolean;
  readonly fail: boolean;
  readonly failWithBody: boolean;
  readonly output: readonly string[];
  readonly remoteName: boolean;
  readonly writeOut: string;
  readonly maxTimeMs: number | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly retries: number;
  readonly retryDelayMs: number | undefined;
  readonly retryRefused: boolean;
  readonly retryAll: boolean;
  /** `host:port` to address. */
  readonly resolve: ReadonlyMap<string, string>;
  readonly cacert: string | undefined;
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
}

const types: OptionTypes = {
  short: 'sSo:Ow:viIX:d:H:kLm:fA:u:e:GT:E:N46#gb:q',
  long: {
    silent: 's',
    'show-error': 'S',
    'output:': 'o',
    'remote-name': 'O',
    'write-out:': 'w',
    verbose: 'v',
    include: 'i',
    head: 'I',
    'request:': 'X',
    'data:': 'd',
    'data-ascii:': 'd',
    'data-raw:': 'data-raw',
    'data-binary:': 'data-binary',
    'data-urlencode:': 'data-urlencode',
    'json:': 'json',
    'header:': 'H',
    insecure: 'k',
    location: 'L',
    'max-time:': 'm',
    'connect-timeout:': 'connect-timeout',
    fail: 'f',
    'fail-with-body': 'fail-with-body',
    'resolve:': 'resolve',
    'cacert:': 'cacert',
    'cert:': 'E',
    'key:': 'key',
    'user-agent:': 'A',
    'user:': 'u',
    'oauth2-bearer:': 'oauth2-bearer',
    'referer:': 'e',
    get: 'G',
    'max-redirs:': 'max-redirs',
    'retry:': 'retry',
    'retry-delay:': 'retry-delay',
    'retry-connrefused': 'retry-connrefused',
    'retry-all-errors': 'retry-all-errors',
    'no-buffer': 'N',
    ipv4: '4',
    ipv6: '6',
    'http1.1': 'http1.1',
    'progress-bar': '#',
    globoff: 'g',
    'no-progress-meter': 'no-progress-meter',
    'url:': 'url',
    version: 'V',
    'cookie:': 'b',
    'upload-file:': 'T',
  },
};

/** Reads curl's command line. Throws a `CurlError` with code 2 (usage), 26 (a file that is not there) or 58 (certificate). */
export function readOptions(sys: Sys): CurlOptions {
  const args = sys.argv.slice(1).map((arg) => (arg === '-V' ? '--version' : arg));
  const parsed = getopt(args, types);
  if ('problem' in parsed)
    throw new CurlError(
      2,
      parsed.problem === 'unknown' ? `option ${parsed.option}: is unknown` : `option ${parsed.option}: requires parameter`,
    );
  const data = dataOf(sys, parsed);
  const headers = headersOf(parsed, data !== undefined && !parsed.has('G'));
  const body = parsed.has('G') ? undefined : parsed.has('T') ? utf8(readFile(sys, parsed.value('T')!)) : data;
  const implied = parsed.has('I') ? 'HEAD' : parsed.has('T') ? 'PUT' : body === undefined ? 'GET' : 'POST';
  const milliseconds = (name: string): number | undefined => {
    const value = parsed.number(name);
    if (Number.isNaN(value))
      throw new CurlError(2, `expected a proper numerical parameter for ${name.length === 1 ? `-${name}` : `--${name}`}`);
    return value === undefined ? undefined : Math.ceil(value * 1000);
  };
  return {
    family: parsed.has('6') ? 'IPv6' : parsed.has('4') ? 'IPv4' : undefined,
    urls: [...parsed.all('url'), ...parsed.operands],
    method: parsed.value('X') ?? implied,
    headers,
    body,
    query: parsed.has('G') ? textOf(data ?? utf8('')) : '',
    silent: parsed.has('s'),
    showError: !parsed.has('s') || parsed.has('S'),
    verbose: parsed.has('v'),
    include: parsed.has('i') || parsed.has('I'),
    head: parsed.has('I'),
    follow: parsed.has('L'),
    maxRedirects: parsed.number('max-redirs') ?? 50,
    insecure: parsed.has('k'),
    fail: parsed.has('f'),
    failWithBody: parsed.has('fail-with-body'),
    output: parsed.all('o'),
    remoteName: parsed.has('O'),
    writeOut: parsed.value('w') ?? '',
    maxTimeMs: milliseconds('m'),
    connectTimeoutMs: milliseconds('connect-timeout'),
    retries: parsed.number('retry') ?? 0,
    retryDelayMs: milliseconds('retry-delay'),
    retryRefused: parsed.has('retry-connrefused'),
    retryAll: parsed.has('retry-all-errors'),
    resolve: new Map(
      parsed.all('resolve').map((entry) => [entry.split(':').slice(0, 2).join(':').replace(/^\+/, ''), entry.split(':')[2] ?? '']),
    ),
    cacert: parsed.has('cacert') ? readFile(sys, parsed.value('cacert')!, 77) : undefined,
    certificate: parsed.has('E')
      ? { certificate: readFile(sys, parsed.value('E')!, 58), key: readFile(sys, parsed.value('key') ?? parsed.value('E')!, 58) }
      : undefined,
  };
}

function readFile(sys: Sys, path: string, code = 26): string {
  try {
    return textOf(sys.fs.readFile(sys.path(path)));
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (code === 77) throw new CurlError(77, `error adding trust anchors from file: ${path}`);
    if (code === 58)
      throw new CurlError(
        58,
        `could not load PEM client certificate from ${path}, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)`,
      );
    throw new CurlError(26, `Failed to open ${path}`);
  }
}

function dataOf(sys: Sys, parsed: Parsed): ByteString | undefined {
  const parts: string[] = [];
  for (const [name, values] of parsed.values) {
    for (const value of values) {
      if (name === 'd') parts.push(value.startsWith('@') ? readFile(sys, value.slice(1)).replace(/[\r\n]/g, '') : value);
      if (name === 'data-raw') parts.push(value);
      if (name === 'data-binary' || name === 'json') parts.push(value.startsWith('@') ? readFile(sys, value.slice(1)) : value);
      if (name === 'data-urlencode') parts.push(urlEncoded(value));
    }
  }
  return parts.length === 0 ? undefined : utf8(parts.join(parsed.has('json') ? '' : '&'));
}

function urlEncoded(value: string): string {
  const at = value.indexOf('=');
  if (at < 0) return encodeURIComponent(value);
  return `${at > 0 ? `${value.slice(0, at)}=` : ''}${encodeURIComponent(value.slice(at + 1))}`;
}

function headersOf(parsed: Parsed, hasData: boolean): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': parsed.value('A') ?? 'curl/8.14.1', accept: '*/*' };
  if (hasData) headers['content-type'] = parsed.has('json') ? 'application/json' : 'application/x-www-form-urlencoded';
  if (parsed.has('json')) headers.accept = 'application/json';
  const [user, referer, bearer, cookie] = ['u', 'e', 'oauth2-bearer', 'b'].map((name) => parsed.value(name));
  if (user !== undefined) headers.authorization = `Basic ${base64(utf8(user.includes(':') ? user : `${user}:`))}`;
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  if (referer !== undefined) headers.referer = referer;
  if (cookie !== undefined) headers.cookie = cookie;
  for (const header of parsed.all('H')) {
    const [, name, colon, value] = /^([^:;]+)([:;])\s*([\s\S]*)$/.exec(header) ?? [];
    if (name === undefined) continue;
    if (colon === ':' && value === '') delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value!;
  }
  return headers;
}
