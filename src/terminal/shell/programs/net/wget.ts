/** wget in its two forms: BusyBox's applet, and GNU's on Debian. Both fetch; they differ in what they say and in exit codes. */

import type { ByteString, Call, HttpResponse, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { type Errno, isErrno, OpenFile, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Url } from '../../../../emulator/node/network/index.ts';
import { parseUrl, ResolveError, readBody, resolveHost, resolveUrl, statusText } from '../../../../emulator/node/network/index.ts';
import { headText } from './curl-transfer.ts';
import { isDebian } from './flavour.ts';
import type { Parsed } from './getopt.ts';
import { getopt } from './getopt.ts';
import { hostPort } from '../../../../emulator/machinery/ipv6.ts';

/** GNU's exit codes; BusyBox ends with 1 whatever went wrong. */
const codes = { usage: 2, io: 3, network: 4, ssl: 5, server: 8 } as const;

class WgetError extends Error {
  readonly kind: keyof typeof codes;
  /** Printed without `wget: ` (GNU goes on in its line). */
  readonly isBare: boolean;
  constructor(kind: keyof typeof codes, message: string, isBare = false) {
    super(message);
    this.kind = kind;
    this.isBare = isBare;
  }
}

const types = {
  short: 'qO:T:SP:cU:t:v46',
  long: {
    quiet: 'q',
    'output-document:': 'O',
    'timeout:': 'T',
    'server-response': 'S',
    'directory-prefix:': 'P',
    'user-agent:': 'U',
    'tries:': 't',
    spider: 'spider',
    'header:': 'header',
    'post-data:': 'post-data',
    'post-file:': 'post-file',
    'no-check-certificate': 'no-check-certificate',
    'no-verbose': 'nv',
    'content-on-error': 'content-on-error',
    'method:': 'method',
    'body-data:': 'post-data',
    'ca-certificate:': 'ca-certificate',
  },
};

interface Job {
  readonly sys: Sys;
  readonly options: Parsed;
  readonly isGnu: boolean;
  readonly isQuiet: boolean;
}

export const wget: Program = function* (sys) {
  const isGnu = isDebian(sys);
  const options = getopt(
    sys.argv.slice(1).map((arg) => (arg === '-nv' ? '--no-verbose' : arg)),
    types,
  );
  if ('problem' in options) {
    yield* sys.print(
      2,
      `wget: ${options.problem === 'unknown' ? 'unrecognized option' : 'option requires an argument'}${options.problem === 'unknown' ? ':' : ' --'} ${options.option.replace(/^-(?=\w$)/, '')}\n`,
    );
    return isGnu ? codes.usage : 1;
  }
  if (options.operands.length === 0) {
    yield* sys.print(
      2,
      isGnu ? "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n" : 'wget: missing URL\n',
    );
    return isGnu ? codes.usage : 1;
  }
  const job = { sys, options, isGnu, isQuiet: options.has('q') };
  let code = 0;
  for (const text of options.operands) {
    try {
      yield* fetchOne(job, text);
    } catch (error) {
      if (!(error instanceof WgetError)) throw error;
      // GNU's -q silences errors as well.
      if (!(isGnu && job.isQuiet)) yield* sys.print(2, `${error.isBare ? '' : 'wget: '}${error.message}\n`);
      code = isGnu ? codes[error.kind] : 1;
    }
  }
  return code;
};

function* say({ sys, isQuiet }: Job, text: string): Call<void> {
  if (!isQuiet) yield* sys.print(2, text);
}

function* fetchOne(job: Job, text: string): Call<void> {
  const { options, isGnu } = job;
  let url = parseUrl(text);
  if (!url) throw new WgetError('usage', isGnu ? `${text}: Invalid host name.` : `bad address '${text}'`);
  if (url.scheme !== 'http' && url.scheme !== 'https')
    throw new WgetError('usage', isGnu ? `${text}: Unsupported scheme ‘${url.scheme}’.` : `not an http or ftp url: ${text}`);
  for (let hop = 0; hop < 20; hop++) {
    const response = yield* ask(job, url);
    const location = response.headers.location;
    if (response.status >= 300 && response.status < 400 && location !== undefined) {
      const next = resolveUrl(url, location);
      if (isGnu) yield* say(job, `Location: ${location} [following]\n`);
      if (next) {
        url = next;
        continue;
      }
    }
    if (response.status >= 400 && !options.has('content-on-error')) throw serverError(job, response);
    return yield* save(job, url, response);
  }
  throw new WgetError('server', isGnu ? '20 redirections exceeded.' : 'too many redirections', isGnu);
}

function serverError({ sys, isGnu }: Job, { status }: HttpResponse): WgetError {
  const words = statusText[status] ?? '';
  if (!isGnu) return new WgetError('server', `server returned error: HTTP/1.1 ${status} ${words}`);
  return new WgetError('server', `${localTime(sys)} ERROR ${status}: ${words}.\n`, true);
}

function localTime(sys: Sys): string {
  return sys.kernel.clock.timestamp().replace('T', ' ').replace('Z', '');
}

/** Connects and asks, with all that is said on the way. */
function* ask(job: Job, url: Url): Call<HttpResponse> {
  const { sys, options, isGnu } = job;
  if (isGnu) yield* say(job, `--${localTime(sys)}--  ${url.scheme}://${url.authority}${url.target}\n`);
  const ip = yield* lookUp(job, url);
  yield* say(
    job,
    isGnu
      ? `Connecting to ${url.host}${ip === url.host ? '' : ` (${url.host})|${ip}|`}:${url.port}... `
      : `Connecting to ${url.host} (${hostPort(ip, url.port)})\n`,
  );
  const timeout = options.number('T');
  const headers: Record<string, string> = {
    host: url.authority,
    'user-agent': options.value('U') ?? (isGnu ? 'Wget/1.21.3' : 'Wget'),
    accept: '*/*',
    connection: isGnu ? 'Keep-Alive' : 'close',
  };
  for (const header of options.all('header')) {
    const [name = '', ...rest] = header.split(':');
    headers[name.toLowerCase()] = rest.join(':').trim();
  }
  const body = options.has('post-data')
    ? utf8(options.value('post-data')!)
    : options.has('post-file')
      ? sys.fs.readFile(sys.path(options.value('post-file')!))
      : undefined;
  if (body !== undefined) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  const method = options.value('method') ?? (options.has('spider') && isGnu ? 'HEAD' : body === undefined ? 'GET' : 'POST');
  const isTls = url.scheme === 'https';
  if (isTls && isGnu && !options.has('no-check-certificate') && !options.has('ca-certificate')) {
    yield* connectOnly(job, url, ip);
    yield* say(job, 'connected.\n');
    throw new WgetError('ssl', `ERROR: The certificate of ‘${url.host}’ is not trusted.`, true);
  }
  try {
    const request = { method, target: url.target, headers, ...(body !== undefined && { body }) };
    const response = yield* sys.net.request({ ip, port: url.port }, request, {
      tls: isTls,
      ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    });
    if (isGnu)
      yield* say(
        job,
        `connected.\nHTTP request sent, awaiting response... ${options.has('S') ? `\n${indent(response)}` : `${response.status} ${statusText[response.status] ?? ''}\n`}`,
      );
    else if (options.has('S')) yield* say(job, indent(response));
    return response;
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw connectError(job, ip, error);
  }
}

function* connectOnly(job: Job, url: Url, ip: string): Call<void> {
  try {
    (yield* job.sys.net.connect({ ip, port: url.port })).close();
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw connectError(job, ip, error);
  }
}

function indent(response: HttpResponse): string {
  return headText(response)
    .trimEnd()
    .split('\r\n')
    .map((line) => `  ${line}\n`)
    .join('');
}

function connectError({ isGnu }: Job, ip: string, error: Errno): WgetError {
  if (isGnu) return new WgetError('network', `failed: ${error.message}.`, true);
  if (error.code === 'ETIMEDOUT') return new WgetError('network', 'download timed out');
  if (error.code === 'ECONNRESET' || error.code === 'EPROTO') return new WgetError('network', 'error getting response');
  return new WgetError('network', `can't connect to remote host (${ip}): ${error.message}`);
}

function* lookUp(job: Job, url: Url): Call<string> {
  try {
    const ip = yield* resolveHost(job.sys, url.host);
    if (job.isGnu && ip !== url.host) yield* say(job, `Resolving ${url.host} (${url.host})... ${ip}\n`);
    return ip;
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    if (!job.isGnu) throw new WgetError('network', `bad address '${url.host}'`);
    yield* say(job, `Resolving ${url.host} (${url.host})... failed: ${error.message}.\n`);
    throw new WgetError('network', `unable to resolve host address ‘${url.host}’`);
  }
}

function* save(job: Job, url: Url, response: HttpResponse): Call<void> {
  const { sys, options, isGnu } = job;
  if (options.has('spider')) return yield* say(job, isGnu ? 'Remote file exists.\n\n' : 'remote file exists\n');
  const directory = options.has('P') ? `${options.value('P')}/` : '';
  const name = options.value('O') ?? directory + (url.target.replace(/\?.*/, '').split('/').at(-1) || 'index.html');
  const type = response.headers['content-type'];
  const shown = name === '-' ? 'STDOUT' : name;
  const length = response.headers['content-length'];
  if (isGnu)
    yield* say(
      job,
      `Length: ${length ?? 'unspecified'}${type ? ` [${type.replace(/;.*/, '')}]` : ''}\n${name === '-' ? `Saving to: ‘STDOUT’\n\n` : `Saving to: ‘${name}’\n\n`}`,
    );
  else if (!isGnu && !options.has('O') && sys.fs.find(sys.path(name))) throw new WgetError('io', `can't open '${name}': File exists`);
  else yield* say(job, name === '-' ? 'writing to stdout\n' : `saving to '${name}'\n`);
  const { body } = response;
  // The API server indents for wget, as for curl.
  const isObject = typeof body === 'object' && !(body instanceof OpenFile);
  const data = isObject ? utf8(JSON.stringify(body, null, 2)) : yield* readBody(sys.kernel, body);
  yield* write(sys, name, data, isGnu);
  if (isGnu)
    return yield* say(
      job,
      `\n${localTime(sys)} (${rate(data.length)}) - ${name === '-' ? 'written to stdout' : `‘${shown}’ saved`} [${data.length}${length === undefined ? '' : `/${length}`}]\n\n`,
    );
  yield* say(
    job,
    `${(name === '-' ? '-' : name).padEnd(20).slice(0, 20)} 100% |${'*'.repeat(32)}| ${String(data.length).padStart(5)}  0:00:00 ETA\n${name === '-' ? 'written to stdout' : `'${name}' saved`}\n`,
  );
}

/** As if a megabyte took a millisecond: nothing here measures bandwidth. */
function rate(bytes: number): string {
  return bytes < 1024 ? `${(bytes * 10) / 10} KB/s` : `${(bytes / 1024).toFixed(1)} MB/s`;
}

function* write(sys: Sys, name: string, data: ByteString, isGnu: boolean): Call<void> {
  if (name === '-') return yield* sys.write(1, data);
  try {
    const fd = sys.open(name, 'write');
    yield* sys.write(fd, data);
    sys.fds.close(fd);
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new WgetError('io', isGnu ? `${name}: ${error.message}` : `can't open '${name}': ${error.message}`, isGnu);
  }
}
