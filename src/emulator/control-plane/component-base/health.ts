import type { Sys } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';

const healthy: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** Listens on a component's secure port and answers its health checks until the process ends. Throws EADDRINUSE. */
export function serveHealth(sys: Sys, { address, port }: { readonly address: string; readonly port: number }): void {
  if (port === 0) return;
  const options = address === '0.0.0.0' || address === '::' ? {} : { ip: address };
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  const listener = sys.net.listen(
    port,
    {
      isTls: true,
      *http({ target }) {
        const path = target.split('?')[0]!;
        if (healthy.has(path)) return { status: 200, headers, body: utf8('ok') };
        return { status: 404, headers, body: utf8('404 page not found\n') };
      },
    },
    options,
  );
  sys.own(() => listener.close());
}
