import type { Service } from '../../api/generated/types.ts';
import type { HttpHandler, Listener, NetNamespace } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { textResponse } from '../network/index.ts';

/** What a load balancer that keeps traffic local is told of one Service. */
interface Health {
  readonly namespace: string;
  readonly name: string;
  localEndpoints: number;
}

interface Server {
  readonly port: number;
  readonly health: Health;
  readonly listener: Listener;
}

/** One server for each Service's healthCheckNodePort (pkg/proxy/healthcheck/service_health.go). */
export class HealthServers {
  readonly #net: NetNamespace;
  readonly #servers = new Map<string, Server>();
  readonly #isProxyHealthy: () => boolean;
  readonly #onError: (message: string) => void;

  constructor(net: NetNamespace, isProxyHealthy: () => boolean, onError: (message: string) => void) {
    this.#net = net;
    this.#isProxyHealthy = isProxyHealthy;
    this.#onError = onError;
  }

  /** Opens, changes or closes the server of a Service; `countLocal` is asked only when there is one. */
  sync(key: string, service: Service | undefined, countLocal: () => number): void {
    const port = service?.spec.healthCheckNodePort ?? 0;
    let server = this.#servers.get(key);
    if (server && server.port !== port) {
      server.listener.close();
      this.#servers.delete(key);
      server = undefined;
    }
    if (port === 0) return;
    if (server) server.health.localEndpoints = countLocal();
    else this.#open(key, port, { namespace: service!.metadata.namespace!, name: service!.metadata.name, localEndpoints: countLocal() });
  }

  close(): void {
    for (const { listener } of this.#servers.values()) listener.close();
    this.#servers.clear();
  }

  #open(key: string, port: number, health: Health): void {
    try {
      this.#servers.set(key, { port, health, listener: this.#net.listen(port, { http: this.#serve(health) }) });
    } catch (error) {
      if (!isErrno(error, 'EADDRINUSE')) throw error;
      this.#onError(`node ${port} failed to start healthcheck for ${key}: listen tcp :${port}: bind: address already in use`);
    }
  }

  #serve(health: Health): HttpHandler {
    const isHealthy = this.#isProxyHealthy;
    return function* () {
      const { namespace, name, localEndpoints } = health;
      const isProxyHealthy = isHealthy();
      const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: isProxyHealthy };
      const response = textResponse(localEndpoints > 0 && isProxyHealthy ? 200 : 503, JSON.stringify(body, null, '\t'), 'application/json');
      const headers = { 'x-content-type-options': 'nosniff', 'x-load-balancing-endpoint-weight': String(localEndpoints) };
      return { ...response, headers: { ...response.headers, ...headers } };
    };
  }
}
