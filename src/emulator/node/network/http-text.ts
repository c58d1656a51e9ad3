import type { ByteString, Call, DuplexStream, HttpRequest, HttpResponse, Kernel } from '../../kernel/index.ts';
import { isErrno, noBytes, OpenFile, textOf, utf8 } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';

/** Phrases of RFC 9110 as servers print them. */
export const statusText: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const badRequest = utf8('HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request');

/** Reads HTTP/1.1 text from a raw connection and answers for a server that takes messages: `nc web 80` works. */
export function serveHttpText(kernel: Kernel, connection: Connection, { input, output }: DuplexStream): void {
  kernel.fiber(serveSafely(kernel, connection, input, output), { background: true });
}

function* serveSafely(kernel: Kernel, connection: Connection, input: OpenFile, output: OpenFile): Call<void> {
  try {
    yield* serve(kernel, connection, input, output);
  } catch (error) {
    if (!isErrno(error)) throw error;
    connection.close(); // The client went away while it was answered.
  }
}

function* serve(kernel: Kernel, connection: Connection, input: OpenFile, output: OpenFile): Call<void> {
  let buffer = noBytes;
  while (connection.isOpen) {
    const end = buffer.indexOf('\r\n\r\n') < 0 ? buffer.indexOf('\n\n') : buffer.indexOf('\r\n\r\n');
    const head = end < 0 ? undefined : parseHead(buffer.slice(0, end));
    const bodyAt = end < 0 ? 0 : end + (buffer[end] === '\r' ? 4 : 2);
    const length = Number(head?.headers['content-length'] ?? 0);
    if (end < 0 || buffer.length < bodyAt + length) {
      const data = yield* readSome(kernel, input);
      if (data === '') break;
      buffer = (buffer + data) as ByteString;
      continue;
    }
    if (!head) {
      yield* writeAll(kernel, output, badRequest);
      break;
    }
    const body = buffer.slice(bodyAt, bodyAt + length) as ByteString;
    buffer = buffer.slice(bodyAt + length) as ByteString;
    const response = yield* connection.service.http!({ ...head, body }, connection.peer());
    yield* writeResponse(kernel, output, response, head.method);
    if (head.headers.connection === 'close') break;
  }
  output.closed();
  connection.close();
}

function parseHead(head: string): HttpRequest | undefined {
  const [first, ...lines] = head.split(/\r?\n/);
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first!);
  if (!match) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { method: match[1]!, target: match[2]!, headers };
}

function* writeResponse(kernel: Kernel, output: OpenFile, { status, headers, body }: HttpResponse, method: string): Call<void> {
  const whole = body instanceof OpenFile ? undefined : bytesOfBody(body);
  const all: Record<string, string> = { ...headers };
  if (whole !== undefined) all['content-length'] ??= String(whole.length);
  else all['transfer-encoding'] = 'chunked';
  const lines = Object.entries(all).map(([name, value]) => `${headerName(name)}: ${value}\r\n`);
  yield* writeAll(kernel, output, utf8(`HTTP/1.1 ${status} ${statusText[status] ?? ''}\r\n${lines.join('')}\r\n`));
  if (method === 'HEAD') return;
  if (whole !== undefined) return yield* writeAll(kernel, output, whole);
  for (;;) {
    const data = yield* readSome(kernel, body as OpenFile);
    yield* writeAll(kernel, output, `${data.length.toString(16)}\r\n${data}\r\n` as ByteString);
    if (data === '') return;
  }
}

/** A body's bytes: an API object that was handed over as it is becomes its JSON. */
export function bytesOfBody(body: ByteString | object): ByteString {
  return typeof body === 'string' ? body : utf8(`${JSON.stringify(body)}\n`);
}

/** The whole of a body as bytes. Blocks until a stream has ended. */
export function* readBody(kernel: Kernel, body: ByteString | object | OpenFile): Call<ByteString> {
  if (!(body instanceof OpenFile)) return bytesOfBody(body);
  let all = '';
  for (;;) {
    const data = yield* readSome(kernel, body);
    if (data === '') return all as ByteString;
    all += data;
  }
}

/** As `readBody`, decoded. */
export function* readText(kernel: Kernel, body: ByteString | object | OpenFile): Call<string> {
  return textOf(yield* readBody(kernel, body));
}

/** A header as it is usually spelled: `Content-Type`. */
export function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function* readSome(kernel: Kernel, file: OpenFile): Call<ByteString> {
  for (;;) {
    const data = file.read(65_536);
    if (data !== undefined) return data;
    yield* kernel.block(file.readable, 'read');
  }
}

function* writeAll(kernel: Kernel, file: OpenFile, data: ByteString): Call<void> {
  for (let rest = data; rest !== ''; ) {
    rest = rest.slice(file.write(rest)) as ByteString;
    if (rest !== '') yield* kernel.block(file.writable, 'write');
  }
}
