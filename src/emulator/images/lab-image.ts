/**
 * Images that a lab describes in its `lab.yaml`: a small server with routes, a log, a start-up time, and ways to fail.
 *
 * In routes and logs `$(hostname)`, `$(date)`, `$(path)`, `$(method)` and `$(env NAME)` are replaced when they are used.
 */

import type { Call, HttpHandler, HttpResponse, Program, Sys } from '../kernel/index.ts';
import { formatTime, textOf, utf8 } from '../kernel/index.ts';
import { cgroupOf } from '../node/container-runtime/cgroup.ts';
import { httpDate, targetPath } from './http-server.ts';
import type { ImageDefinition, RegistryLogin } from './image.ts';
import { programsIn } from './image.ts';
import { busyboxFiles } from './userland.ts';

/** What a route answers: text with status 200, or more. */
export type LabRoute =
  | string
  | { readonly status?: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly delayMs?: number };

export interface LabCrash {
  readonly afterMs?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly message?: string | undefined;
  /** A configuration with which it does not end. */
  readonly unless?: Wanted | undefined;
}

/** A variable or a file that the program reads as it starts. */
export interface Wanted {
  readonly env?: string | undefined;
  readonly file?: string | undefined;
  /** A regular expression that its value or text matches; absent: it has to be there and not empty. */
  readonly matches?: string | undefined;
}

export interface LabImage {
  /** As a Pod names it, without a tag: `registry.example/shop`. */
  readonly name: string;
  /** `latest` alone if absent. */
  readonly tags?: readonly string[] | undefined;
  readonly ports?: readonly number[] | undefined;
  /** By path; the longest that ends in `/` also serves what lies below it. */
  readonly routes?: Readonly<Record<string, LabRoute>> | undefined;
  /** Lines at the start; with `everyMs` they come again and again. */
  readonly logs?: readonly string[] | { readonly lines: readonly string[]; readonly everyMs: number } | undefined;
  /** Until it listens. */
  readonly startupMs?: number | undefined;
  /** Ends by itself. */
  readonly crash?: boolean | LabCrash | undefined;
  /** Takes more and more memory: bytes at the start and each second. */
  readonly leak?: { readonly startBytes?: number; readonly bytesPerSecond: number } | undefined;
  /** Does not end when it is asked to. */
  readonly ignoresTerm?: boolean | undefined;
  readonly sizeBytes?: number | undefined;
  /** Its repository is private: whoever pulls has to log in so. */
  readonly login?: RegistryLogin | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

function expand(sys: Sys, text: string, method = '', path = ''): string {
  return text.replace(/\$\((hostname|date|path|method|env (\w+))\)/g, (_, what: string, variable?: string) => {
    if (variable !== undefined) return sys.env.get(variable) ?? '';
    return what === 'hostname' ? sys.hostname : what === 'date' ? formatTime(sys.kernel.clock.unixMs) : what === 'path' ? path : method;
  });
}

function handlerOf(sys: Sys, image: LabImage): HttpHandler {
  const routes = image.routes ?? { '/': `${image.name} on $(hostname)\n` };
  const prefixes = Object.keys(routes)
    .filter((route) => route.endsWith('/'))
    .sort((a, b) => b.length - a.length);
  return function* (request): Call<HttpResponse> {
    const { path } = targetPath(request.target);
    const key = Object.hasOwn(routes, path) ? path : prefixes.find((prefix) => path.startsWith(prefix) && prefix !== '/');
    const route = key === undefined ? { status: 404, body: 'not found\n' } : routes[key]!;
    const { status = 200, body = '', headers = {}, delayMs = 0 } = typeof route === 'string' ? { body: route } : route;
    if (delayMs > 0) yield* sys.kernel.sleep(delayMs);
    const bytes = utf8(expand(sys, body, request.method, path));
    return {
      status,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        date: httpDate(sys.kernel.clock.unixMs),
        'content-length': String(bytes.length),
        ...headers,
      },
      body: request.method === 'HEAD' ? utf8('') : bytes,
    };
  };
}

function* waitWhileLogging(sys: Sys, image: LabImage): Call<void> {
  const { logs, leak } = image;
  const repeats = logs && 'everyMs' in logs ? logs : undefined;
  if (!repeats && !leak) return yield* sys.pause();
  for (let turn = 0; ; turn++) {
    yield* sys.sleep(repeats ? Math.max(10, repeats.everyMs) : 1000);
    if (repeats && repeats.lines.length > 0) yield* sys.print(1, `${expand(sys, repeats.lines[turn % repeats.lines.length]!)}\n`);
    if (leak) cgroupOf(sys)?.charge((leak.bytesPerSecond * (repeats ? Math.max(10, repeats.everyMs) : 1000)) / 1000);
  }
}

function isGiven(sys: Sys, { env, file, matches = '.' }: Wanted): boolean {
  const text =
    env !== undefined
      ? sys.env.get(env)
      : file !== undefined && sys.fs.find(file)?.kind === 'file'
        ? textOf(sys.fs.readFile(file))
        : undefined;
  return text !== undefined && new RegExp(matches).test(text);
}

function crashOf(sys: Sys, { crash }: LabImage): LabCrash | undefined {
  const found = crash === true ? {} : crash || undefined;
  return found?.unless && isGiven(sys, found.unless) ? undefined : found;
}

function labProgram(image: LabImage): Program {
  return function* (sys): Call<number> {
    if (image.ignoresTerm) sys.onSignal('TERM', 'ignore');
    const lines = image.logs && 'everyMs' in image.logs ? [] : (image.logs ?? []);
    for (const line of lines) yield* sys.print(1, `${expand(sys, line)}\n`);
    const crash = crashOf(sys, image);
    if (crash && crash.afterMs === undefined) return yield* crashNow(sys, crash);
    if (image.startupMs) yield* sys.sleep(image.startupMs);
    for (const port of image.ports ?? []) {
      const listener = sys.net.listen(port, { http: handlerOf(sys, image) });
      sys.own(() => listener.close());
    }
    if (image.leak?.startBytes) cgroupOf(sys)?.charge(image.leak.startBytes);
    if (crash) {
      yield* sys.sleep(crash.afterMs!);
      return yield* crashNow(sys, crash);
    }
    yield* waitWhileLogging(sys, image);
    return 0;
  };
}

function* crashNow(sys: Sys, crash: LabCrash): Call<number> {
  if (crash.message !== undefined) yield* sys.print(2, `${expand(sys, crash.message)}\n`);
  return crash.exitCode ?? 1;
}

/** The image that a lab's description means. `repository` is normalised by the caller. */
export function labImage(image: LabImage, repository: string): ImageDefinition {
  return {
    repository,
    versions: [{ tags: image.tags && image.tags.length > 0 ? image.tags : ['latest'], sizeBytes: image.sizeBytes ?? 24_000_000 }],
    usage: { idleCpuMilli: 1, memoryBytes: 12 * 1024 * 1024, requestCpuMs: 1 },
    login: image.login,
    config: { entrypoint: ['/server'], exposedPorts: image.ports ?? [], env: image.env ?? {} },
    files: (_version, programs) => ({
      ...busyboxFiles(programs),
      ...programsIn('/usr/bin', ['curl'], programs),
      '/server': labProgram(image),
    }),
  };
}
