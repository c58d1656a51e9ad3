/** One exchange of curl's: look up, connect, ask, receive, and what it says on the way. */

import type { ByteString, Call, HttpResponse, Sys } from '../../../../emulator/kernel/index.ts';
import { base64, Errno, isErrno, OpenFile, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Url } from '../../../../emulator/node/network/index.ts';
import type { IPFamily } from '../../../../emulator/node/network/index.ts';
import {
  Connection,
  exchange,
  familyOf,
  headerName,
  ResolveError,
  resolveAll,
  statusText,
} from '../../../../emulator/node/network/index.ts';
import type { CurlOptions } from './curl-options.ts';
import { CurlError } from './curl-options.ts';
import { shownBy } from '../../../../emulator/machinery/x509/index.ts';
import { distrust } from './server-trust.ts';
import { hostPort } from '../../../../emulator/machinery/ipv6.ts';

/** What one URL came to, for `-w`. */
export interface Transfer {
  url: Url | undefined;
  response: HttpResponse | undefined;
  connection: Connection | undefined;
  remoteIP: string;
  bytes: number;
  redirects: number;
  redirectURL: string;
  readonly startedMs: number;
  lookedUpMs: number;
  connectedMs: number;
  answeredMs: number;
  exitCode: number;
  error: string;
}

export function newTransfer(nowMs: number): Transfer {
  return {
    url: undefined,
    response: undefined,
    connection: undefined,
    remoteIP: '',
    bytes: 0,
    redirects: 0,
    redirectURL: '',
    startedMs: nowMs,
    lookedUpMs: nowMs,
    connectedMs: nowMs,
    answeredMs: nowMs,
    exitCode: 0,
    error: '',
  };
}

export interface Message {
  readonly method: string;
  readonly body: ByteString | undefined;
}

/** Asks for a URL and returns the answer once its headers are there. Throws a `CurlError`. */
export function* ask(sys: Sys, options: CurlOptions, url: Url, { method, body }: Message, transfer: Transfer): Call<HttpResponse> {
  const say = (text: string): Call<void> => sys.print(2, options.verbose ? text : '');
  const addresses = yield* lookUp(sys, options, url);
  const ip = addresses[0]!;
  transfer.remoteIP = ip;
  transfer.lookedUpMs = sys.nowMs;
  const listed = (family: IPFamily): string => addresses.filter((one) => familyOf(one) === family).join(', ') || '(none)';
  if (ip !== url.host) yield* say(`* Host ${url.host}:${url.port} was resolved.\n* IPv6: ${listed('IPv6')}\n* IPv4: ${listed('IPv4')}\n`);
  yield* say(`*   Trying ${hostPort(ip, url.port)}...\n`);
  const connection = yield* connect(sys, options, url, ip, transfer);
  yield* say(`* Connected to ${url.host} (${ip}) port ${url.port}\n`);
  const isTls = url.scheme === 'https';
  if (isTls) checkTrust(sys, options, url, connection);
  yield* say(isTls ? '* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256 / x25519 / RSASSA-PSS\n' : '* using HTTP/1.x\n');
  const headers = {
    host: url.authority,
    ...(url.userinfo && { authorization: basic(url.userinfo) }),
    ...options.headers,
    ...(body !== undefined && { 'content-length': String(body.length) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `> ${headerName(name)}: ${value}\n`);
  yield* say(`> ${method} ${url.target} HTTP/1.1\n${lines.join('')}> \n* Request completely sent off\n`);
  try {
    const request = { method, target: url.target, headers, ...(body !== undefined && { body }) };
    const response = yield* exchange(sys.kernel, connection, request, {
      tls: isTls,
      certificate: options.certificate,
      timeoutMs: remaining(sys, options, transfer),
    });
    transfer.answeredMs = sys.nowMs;
    yield* say(
      headText(response)
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `< ${line}\n`)
        .join(''),
    );
    return response;
  } catch (error) {
    throw exchangeError(sys, error, transfer);
  }
}

function basic(userinfo: string): string {
  const user = decodeURIComponent(userinfo);
  return `Basic ${base64(utf8(user.includes(':') ? user : `${user}:`))}`;
}

/** Virtual milliseconds left of `-m`. */
function remaining(sys: Sys, options: CurlOptions, transfer: Transfer): number | undefined {
  return options.maxTimeMs === undefined ? undefined : Math.max(1, options.maxTimeMs - (sys.nowMs - transfer.startedMs));
}

function* lookUp(sys: Sys, options: CurlOptions, url: Url): Call<readonly string[]> {
  const pinned = options.resolve.get(`${url.host}:${url.port}`);
  if (pinned) return [pinned];
  try {
    return yield* resolveAll(sys, url.host, options.family);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    throw new CurlError(6, `Could not resolve host: ${url.host}`);
  }
}

function* connect(sys: Sys, options: CurlOptions, url: Url, ip: string, transfer: Transfer): Call<Connection> {
  const limits = [options.connectTimeoutMs, remaining(sys, options, transfer)].filter((ms) => ms !== undefined);
  try {
    const connection = yield* sys.net.connect({ ip, port: url.port }, limits.length > 0 ? { timeoutMs: Math.min(...limits) } : {});
    if (!(connection instanceof Connection)) throw new Error('curl needs the wire');
    transfer.connectedMs = sys.nowMs;
    transfer.connection = connection;
    return connection;
  } catch (error) {
    if (!isErrno(error)) throw error;
    const elapsedMs = sys.nowMs - transfer.startedMs;
    if (error.code === 'ETIMEDOUT' && limits.length > 0) throw new CurlError(28, `Connection timed out after ${elapsedMs} milliseconds`);
    if (options.verbose)
      yield* sys.print(2, `* connect to ${ip} port ${url.port} from ${sys.net.addresses[0] ?? ''} port 0 failed: ${error.message}\n`);
    throw new CurlError(
      error.code === 'ETIMEDOUT' ? 28 : 7,
      `Failed to connect to ${url.host} port ${url.port} after ${elapsedMs} ms: Could not connect to server`,
    );
  }
}

/** Whether the server is who the URL says. A server without TLS fails later, in the handshake. */
function checkTrust(sys: Sys, options: CurlOptions, url: Url, connection: Connection): void {
  if (!connection.service.isTls || options.insecure) return;
  const problem = distrust(shownBy(connection.service, url.host), options.cacert, url.host, sys.kernel.clock.unixMs);
  if (problem === undefined) return;
  connection.close();
  throw new CurlError(60, problem);
}

function exchangeError(sys: Sys, error: unknown, transfer: Transfer): unknown {
  if (!isErrno(error)) return error;
  if (error.code === 'ETIMEDOUT')
    return new CurlError(
      28,
      `Operation timed out after ${sys.nowMs - transfer.startedMs} milliseconds with ${transfer.bytes} bytes received`,
    );
  if (error.code === 'EPROTO') return new CurlError(35, 'TLS connect error: error:0A00010B:SSL routines::wrong version number');
  return transfer.connection?.service.http
    ? new CurlError(56, `Recv failure: ${error.message}`)
    : new CurlError(52, 'Empty reply from server');
}

/** Status line and headers, with the empty line after them. */
export function headText({ status, headers }: HttpResponse): string {
  const lines = Object.entries(headers).map(([name, value]) => `${headerName(name)}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusText[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

/** Writes the answer where it belongs. Throws a `CurlError`: 22 for `-f`, 23 for a file that cannot be written, 28 or 56 when it breaks off. */
export function* receive(sys: Sys, options: CurlOptions, response: HttpResponse, transfer: Transfer, index: number): Call<void> {
  const isFailure = response.status >= 400 && (options.fail || options.failWithBody);
  const error = new CurlError(22, `The requested URL returned error: ${response.status}`);
  if (isFailure && !options.failWithBody) throw error;
  const name = options.output[index] ?? (options.remoteName ? remoteName(transfer.url!) : '-');
  const fd = name === '-' ? 1 : openOutput(sys, name);
  const showsMeter = !options.silent && (name !== '-' || !sys.isatty(1));
  if (showsMeter) yield* sys.print(2, meterHead);
  if (options.include) yield* sys.print(fd, headText(response));
  if (!options.head) yield* copyBody(sys, options, response, transfer, fd);
  if (fd !== 1) sys.fds.close(fd);
  if (showsMeter) yield* sys.print(2, `${meterLine(0, transfer)}\r${meterLine(transfer.bytes, transfer)}\n`);
  if (options.verbose) yield* sys.print(2, `* Connection #0 to host ${transfer.url!.host} left intact\n`);
  if (isFailure) throw error;
}

function remoteName(url: Url): string {
  const name = url.target.replace(/\?.*/, '').split('/').at(-1)!;
  if (name === '') throw new CurlError(23, 'Remote file name has no length');
  return name;
}

function openOutput(sys: Sys, name: string): number {
  try {
    return sys.open(name, 'write');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new CurlError(23, 'client returned ERROR on write, 0 bytes written');
  }
}

function* copyBody(sys: Sys, options: CurlOptions, { body }: HttpResponse, transfer: Transfer, fd: number): Call<void> {
  if (!(body instanceof OpenFile)) {
    // The API server indents for curl, and ends without a line feed (apiserver, responsewriters).
    const bytes = typeof body === 'string' ? body : utf8(JSON.stringify(body, null, 2));
    transfer.bytes = bytes.length;
    return yield* sys.write(fd, bytes);
  }
  const input = sys.fds.add(body);
  const left = remaining(sys, options, transfer);
  let isLate = false;
  const timer =
    left === undefined
      ? undefined
      : sys.kernel.loop.timer(left, () => {
          isLate = true;
          transfer.connection?.close();
        });
  try {
    for (;;) {
      const data = yield* sys.read(input);
      if (data === '') return;
      transfer.bytes += data.length;
      yield* sys.write(fd, data);
    }
  } catch (error) {
    throw isLate ? exchangeError(sys, new Errno('ETIMEDOUT'), transfer) : exchangeError(sys, error, transfer);
  } finally {
    timer?.cancel();
    sys.fds.close(input);
  }
}

const meterHead = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;

function meterLine(bytes: number, transfer: Transfer): string {
  const seconds = Math.max(0.001, (transfer.answeredMs - transfer.startedMs) / 1000);
  const rate = short(bytes / seconds).padStart(5);
  const [percent, size] = [String(bytes > 0 ? 100 : 0).padStart(3), short(bytes).padStart(5)];
  return `\r${percent} ${size}  ${percent} ${size}    0     0  ${rate}      0 --:--:-- --:--:-- --:--:-- ${rate}`;
}

/** A number in five characters. */
function short(value: number): string {
  if (value < 100_000) return String(Math.round(value));
  return value < 10_240_000 ? `${Math.round(value / 1024)}k` : `${Math.round(value / 1_048_576)}M`;
}

/** The text of `-w`. */
export function writeOut(format: string, transfer: Transfer, sys: Sys): string {
  const seconds = (ms: number): string => ((ms - transfer.startedMs) / 1000).toFixed(6);
  const { response, url, connection } = transfer;
  const status = String(response?.status ?? 0).padStart(3, '0');
  const values: Readonly<Record<string, string | number>> = {
    http_code: status,
    response_code: status,
    content_type: response?.headers['content-type'] ?? '',
    size_download: transfer.bytes,
    size_header: response ? headText(response).length : 0,
    url_effective: url ? `${url.scheme}://${url.authority}${url.target}` : '',
    url: url ? `${url.scheme}://${url.authority}${url.target}` : '',
    scheme: url?.scheme ?? '',
    method: '',
    http_version: response ? '1.1' : '0',
    remote_ip: connection ? transfer.remoteIP : '',
    remote_port: connection ? url!.port : 0,
    local_ip: connection?.local.ip ?? '',
    local_port: connection?.local.port ?? 0,
    num_redirects: transfer.redirects,
    redirect_url: transfer.redirectURL,
    num_connects: connection ? transfer.redirects + 1 : 0,
    exitcode: transfer.exitCode,
    errormsg: transfer.error,
    ssl_verify_result: 0,
    time_namelookup: seconds(transfer.lookedUpMs),
    time_connect: seconds(transfer.connectedMs),
    time_appconnect: seconds(transfer.connectedMs),
    time_pretransfer: seconds(transfer.connectedMs),
    time_starttransfer: seconds(transfer.answeredMs),
    time_redirect: '0.000000',
    time_total: seconds(sys.nowMs),
  };
  return format.replace(/%\{([^}]*)\}|%%|\\[nrt\\]/g, (match, name: string | undefined) => {
    if (match === '%%') return '%';
    if (match.startsWith('\\')) return { '\\n': '\n', '\\r': '\r', '\\t': '\t' }[match] ?? '\\';
    return name !== undefined && name in values
      ? String(values[name])
      : name === 'stdout' || name === 'stderr'
        ? ''
        : `curl: unknown --write-out variable: '${name}'\n`;
  });
}
