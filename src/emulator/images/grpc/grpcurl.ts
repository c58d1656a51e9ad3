/** grpcurl 1.9: asks a server what it has (reflection), and calls a method with a message in JSON. */
import type { Call, HttpRequest, Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { unbracketed } from '../../machinery/ipv6.ts';
import { ResolveError, resolveHost } from '../../node/network/index.ts';
import { reflectionMethod } from './grpcbin.ts';

const dialMs = 10_000;

const codeNames: Readonly<Record<number, string>> = {
  4: 'DeadlineExceeded',
  5: 'NotFound',
  7: 'PermissionDenied',
  12: 'Unimplemented',
  13: 'Internal',
  14: 'Unavailable',
};

interface Options {
  readonly data: string;
  readonly authority: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly isPlain: boolean;
  readonly maxMs: number | undefined;
  readonly operands: readonly string[];
}

/** Undefined for a flag that is not known here. */
function readOptions(args: readonly string[]): Options | undefined {
  const headers: Record<string, string> = {};
  const operands: string[] = [];
  let [data, authority, isPlain, maxMs] = ['', undefined as string | undefined, false, undefined as number | undefined];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!.replace(/^--/, '-');
    if (arg === '-plaintext') isPlain = true;
    else if (arg === '-d') data = args[++i] ?? '';
    else if (arg === '-authority') authority = args[++i];
    else if (arg === '-max-time') maxMs = Number(args[++i]) * 1000;
    else if (arg === '-H' || arg === '-rpc-header') {
      const [name = '', ...rest] = (args[++i] ?? '').split(':');
      headers[name.trim().toLowerCase()] = rest.join(':').trim();
    } else if (arg.startsWith('-')) return undefined;
    else operands.push(args[i]!);
  }
  return { data, authority, headers, isPlain, maxMs, operands };
}

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly body: object;
}

/** One call. Throws an Errno or a ResolveError when there is no connection. */
function* invoke(sys: Sys, target: string, method: string, body: object, options: Options): Call<Answer> {
  const [, host = target, port = '443'] = /^(.+):(\d+)$/.exec(target) ?? [];
  const ip = yield* resolveHost(sys, unbracketed(host));
  const request: HttpRequest = {
    method: 'POST',
    target: method,
    headers: {
      ...options.headers,
      host: options.authority ?? target,
      'content-type': 'application/grpc',
      'user-agent': 'grpcurl/v1.9.3 grpc-go/1.61.0',
      te: 'trailers',
    },
    body,
  };
  const response = yield* sys.net.request({ ip, port: Number(port) }, request, {
    tls: !options.isPlain,
    dialTimeoutMs: dialMs,
    timeoutMs: options.maxMs ?? 60_000,
  });
  const { 'grpc-status': code, 'grpc-message': message = '' } = response.headers;
  if (code !== undefined) return { code: Number(code), message, body: typeof response.body === 'object' ? response.body : {} };
  const { status, headers } = response;
  // What Go's client makes of an answer that is none of gRPC.
  const why = `unexpected HTTP status code received from server: ${status}; transport: received unexpected content-type "${headers['content-type'] ?? ''}"`;
  return { code: status === 404 ? 12 : status === 502 || status === 503 || status === 504 ? 14 : 2, message: why, body: {} };
}

interface Described {
  readonly services?: readonly { readonly name: string; readonly methods: readonly string[] }[];
}

function* fail(sys: Sys, text: string, code = 1): Call<number> {
  yield* sys.print(2, text);
  return code;
}

function* call(sys: Sys, target: string, method: string, options: Options): Call<number> {
  const [, service = '', name = ''] = /^(.+)[./]([^./]+)$/.exec(method) ?? [];
  let message: object;
  try {
    message = JSON.parse(options.data || '{}') as object;
  } catch (error) {
    return yield* fail(sys, `Error invoking method "${method}": error getting request data: ${(error as Error).message}\n`);
  }
  const described = yield* invoke(sys, target, reflectionMethod, {}, options);
  const query = `failed to query for service descriptor "${service}"`;
  if (described.code === 12)
    return yield* fail(sys, `Error invoking method "${method}": ${query}: server does not support the reflection API\n`);
  if (described.code !== 0)
    return yield* fail(
      sys,
      `Error invoking method "${method}": ${query}: rpc error: code = ${nameOf(described)} desc = ${described.message}\n`,
    );
  const found = (described.body as Described).services?.find((one) => one.name === service);
  if (!found) return yield* fail(sys, `Error invoking method "${method}": target server does not expose service "${service}"\n`);
  if (!found.methods.includes(name))
    return yield* fail(sys, `Error invoking method "${method}": service "${service}" does not include a method named "${name}"\n`);
  const answer = yield* invoke(sys, target, `/${service}/${name}`, message, options);
  if (answer.code !== 0) return yield* fail(sys, `ERROR:\n  Code: ${nameOf(answer)}\n  Message: ${answer.message}\n`, 64 + answer.code);
  yield* sys.print(1, `${JSON.stringify(answer.body, null, 2)}\n`);
  return 0;
}

const nameOf = ({ code }: Answer): string => codeNames[code] ?? 'Unknown';

function* list(sys: Sys, target: string, options: Options): Call<number> {
  const { code, body } = yield* invoke(sys, target, reflectionMethod, {}, options);
  if (code !== 0) return yield* fail(sys, 'Failed to list services: server does not support the reflection API\n');
  const names = ((body as Described).services ?? []).map(({ name }) => name).sort();
  yield* sys.print(1, names.map((name) => `${name}\n`).join(''));
  return 0;
}

/** Differs from the real one: message types are not checked, and of the verbs only `list` is known. */
export const grpcurl: Program = function* (sys) {
  const options = readOptions(sys.argv.slice(1));
  const [target, what] = options?.operands ?? [];
  if (!options || target === undefined || what === undefined)
    return yield* fail(sys, "Usage:\n\tgrpcurl [flags] [address] [list|describe] [symbol]\n\nTry 'grpcurl -help' for more details.\n", 2);
  try {
    return what === 'list' ? yield* list(sys, target, options) : yield* call(sys, target, what, options);
  } catch (error) {
    if (!isErrno(error)) throw error;
    const why =
      error instanceof ResolveError || error.code === 'ETIMEDOUT'
        ? 'context deadline exceeded'
        : error.code === 'EPROTO'
          ? 'tls: first record does not look like a TLS handshake'
          : `dial tcp ${target}: connect: ${error.message.toLowerCase()}`;
    return yield* fail(sys, `Failed to dial target host "${target}": ${why}\n`);
  }
};
