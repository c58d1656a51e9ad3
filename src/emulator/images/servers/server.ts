/**
 * Servers that are there for their port, their log and their end: what they say at the start, how long they take, what
 * they demand of their environment, and what they answer to one line or to a path.
 */
import type { Call, DuplexStream, HttpHandler, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { civilTime, utf8 } from '../../kernel/index.ts';
import { answer, serveUntilSignal, targetPath } from '../http-server.ts';
import type { Files, ImageDefinition } from '../image.ts';
import { serveStreams } from '../streams.ts';
import { debianFiles } from '../userland.ts';

export interface ServerPort {
  readonly port: number | ((sys: Sys) => number);
  /** Said to whoever connects. */
  readonly greeting?: string;
  /** The answer to a line, after which the server hangs up; undefined is none. */
  readonly ask?: (line: string, sys: Sys) => string | undefined;
  /** Bodies by path; the port speaks HTTP then. */
  readonly routes?: Readonly<Record<string, string>>;
}

export interface ServerImage {
  readonly repository: string;
  readonly versions: ImageDefinition['versions'];
  readonly config: ImageDefinition['config'];
  /** Where the program lies. */
  readonly path: string;
  readonly usage: ImageDefinition['usage'];
  readonly ports?: readonly ServerPort[];
  readonly startupMs?: number;
  /** What is wrong with flags and environment: the program says it and ends with 1. */
  readonly refuses?: (sys: Sys) => string | undefined;
  /** What it writes into its files before it starts. */
  readonly prepare?: (sys: Sys) => void;
  /** Written once it is ready. */
  readonly log?: (sys: Sys, version: string) => readonly string[];
  /** Other programs and files. */
  readonly files?: (version: string) => Files;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `2025-11-03 09:00:00.000`, as many of these logs have it. */
export function logTime(sys: Sys): string {
  const t = civilTime(sys.kernel.clock.unixMs);
  return `${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')}`;
}

function* converse(sys: Sys, stream: DuplexStream, { greeting, ask }: ServerPort): Call<void> {
  if (greeting !== undefined) stream.output.write(utf8(greeting));
  let line = '';
  for (;;) {
    const data = stream.input.read(4096);
    if (data === undefined) yield* sys.kernel.block(stream.input.readable, 'read');
    else if (data === '') return stream.output.closed();
    else line = (line + data).slice(-4096);
    // Clients of four-letter words send no line's end.
    const said = ask && line !== '' ? ask(line.trim(), sys) : undefined;
    if (said === undefined) continue;
    stream.output.write(utf8(said));
    return stream.output.closed();
  }
}

const handlerOf = (routes: Readonly<Record<string, string>>): HttpHandler =>
  function* (request): Call<HttpResponse> {
    const body = routes[targetPath(request.target).path];
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    return body === undefined ? answer(request, 404, headers, '404 page not found\n') : answer(request, 200, headers, body);
  };

/** Opens a port until the program ends. */
function open(sys: Sys, port: ServerPort): void {
  const service = port.routes ? { http: handlerOf(port.routes) } : { stream: serveStreams(sys, (stream) => converse(sys, stream, port)) };
  const listener = sys.net.listen(typeof port.port === 'number' ? port.port : port.port(sys), service);
  sys.own(() => listener.close());
}

function serverProgram(image: ServerImage, version: string): Program {
  return function* (sys): Call<number> {
    const refusal = image.refuses?.(sys);
    if (refusal !== undefined) {
      yield* sys.print(2, `${refusal}\n`);
      return 1;
    }
    image.prepare?.(sys);
    if (image.startupMs) yield* sys.sleep(image.startupMs);
    for (const port of image.ports ?? []) open(sys, port);
    for (const line of image.log?.(sys, version) ?? []) yield* sys.print(1, `${line}\n`);
    return yield* serveUntilSignal(sys, ['TERM', 'INT']);
  };
}

/** The image of such a server, on a slim Debian. */
export function serverImage(image: ServerImage): ImageDefinition {
  return {
    repository: image.repository,
    versions: image.versions,
    usage: image.usage,
    config: image.config,
    files: (version, programs) => ({ ...debianFiles(programs), ...image.files?.(version), [image.path]: serverProgram(image, version) }),
  };
}

/** The value of `--name=value` or `--name value`. */
export function flag(sys: Sys, name: string): string | undefined {
  const at = sys.argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  const arg = sys.argv[at]!;
  return arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : sys.argv[at + 1];
}
