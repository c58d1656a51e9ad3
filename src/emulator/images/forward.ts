import type { Call, HttpRequest, HttpResponse, Sys } from '../kernel/index.ts';
import { Errno } from '../kernel/index.ts';
import { resolveHost } from '../node/network/resolver.ts';

/** Sends a request to the host of a URL (`http://name:port`), whose name is looked up as every program does. Errors are Errno. */
export function* forwardRequest(sys: Sys, url: string, request: HttpRequest): Call<HttpResponse> {
  const [, host, port] = /^http:\/\/([^:/]+)(?::(\d+))?/.exec(url) ?? [];
  if (host === undefined) throw new Errno('EINVAL');
  const ip = yield* resolveHost(sys, host);
  return yield* sys.net.request({ ip, port: Number(port ?? 80) }, request);
}
