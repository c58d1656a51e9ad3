/** One look at a container, as a probe or a hook takes it (upstream pkg/kubelet/prober/prober.go and pkg/probe). */
import type { Container as ContainerSpec, GRPCAction, HTTPGetAction, Probe } from '../../api/generated/types.ts';
import type { Call, Kernel, NetNamespace } from '../../kernel/index.ts';
import { isErrno, WaitQueue } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import type { Container, ContainerRuntime } from '../container-runtime/index.ts';
import { RuntimeError } from '../container-runtime/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';

export interface ProbeContext {
  readonly kernel: Kernel;
  /** The node's own network: probes come from the node. */
  readonly net: NetNamespace;
  readonly runtime: ContainerRuntime;
}

export type ProbeResult = { readonly isSuccess: true } | { readonly isSuccess: false; readonly message: string };

const success: ProbeResult = { isSuccess: true };
const failure = (message: string): ProbeResult => ({ isSuccess: false, message });

/** Probes once. It takes as long as the container takes to answer, at most the time-out. */
export function* probeOnce(context: ProbeContext, spec: ContainerSpec, container: Container, probe: Probe): Call<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec) return yield* runCommand(context, container, probe.exec.command ?? [], timeoutMs);
  if (probe.httpGet) return yield* get(context, spec, container, probe.httpGet, timeoutMs);
  if (probe.tcpSocket)
    return yield* dial(context, probe.tcpSocket.host || container.sandbox.ip, portOf(spec, probe.tcpSocket.port), timeoutMs);
  if (probe.grpc) return yield* checkHealth(context, container.sandbox.ip, probe.grpc, timeoutMs);
  return failure(`missing probe handler for ${container.config.name}`);
}

/** The number of a container's port that may be given by its name; 0 if there is none. */
export function portOf(spec: ContainerSpec, port: number | string): number {
  if (typeof port === 'number') return port;
  return /^\d+$/.test(port) ? Number(port) : (spec.ports?.find(({ name }) => name === port)?.containerPort ?? 0);
}

/** Runs a command in the container and waits for its end. */
export function* runCommand(
  { kernel, runtime }: ProbeContext,
  container: Container,
  command: readonly string[],
  timeoutMs: number,
): Call<ProbeResult> {
  const done = new WaitQueue();
  let result: { readonly code: number; readonly output: string } | undefined;
  let isOver = false;
  try {
    runtime.execSync(container, command, timeoutMs, (outcome) => {
      result = outcome;
      isOver = true;
      done.wake();
    });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return failure(
      `rpc error: code = Unknown desc = failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${error.message}: unknown`,
    );
  }
  while (!isOver) yield* kernel.block(done, 'exec');
  if (!result) return failure(`command timed out: ${JSON.stringify(command.join(' '))} timed out after ${formatDuration(timeoutMs)}`);
  return result.code === 0 ? success : failure(result.output);
}

/** GET as the kubelet does it: redirects count as success, a certificate is not looked at. */
export function* get(
  { kernel, net }: Pick<ProbeContext, 'kernel' | 'net'>,
  spec: ContainerSpec,
  container: Container,
  action: HTTPGetAction,
  timeoutMs: number,
): Call<ProbeResult> {
  const host = action.host || container.sandbox.ip;
  const port = portOf(spec, action.port);
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const path = (action.path ?? '/').startsWith('/') ? (action.path ?? '/') : `/${action.path}`;
  const url = `${scheme}://${hostPort(host, port)}${path}`;
  const headers: Record<string, string> = {
    host: hostPort(host, port),
    'user-agent': 'kube-probe/1.34',
    accept: '*/*',
    connection: 'close',
  };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const startedMs = kernel.loop.now;
  try {
    const { status } = yield* net.request(
      { ip: addressOf(host), port },
      { method: 'GET', target: path, headers },
      { timeoutMs, tls: scheme === 'https' },
    );
    if (kernel.loop.now - startedMs > timeoutMs)
      return failure(`Get ${JSON.stringify(url)}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`);
    if (status >= 200 && status < 400) return success;
    return failure(`HTTP probe failed with statuscode: ${status}`);
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (error.code === 'ETIMEDOUT')
      return failure(`Get ${JSON.stringify(url)}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`);
    return failure(
      error.code === 'ECONNRESET'
        ? `Get ${JSON.stringify(url)}: EOF`
        : `Get ${JSON.stringify(url)}: dial tcp ${hostPort(host, port)}: connect: ${error.message.toLowerCase()}`,
    );
  }
}

function* dial({ net }: ProbeContext, host: string, port: number, timeoutMs: number): Call<ProbeResult> {
  try {
    const connection = yield* net.connect({ ip: addressOf(host), port }, { timeoutMs });
    connection.close();
    return success;
  } catch (error) {
    if (!isErrno(error)) throw error;
    return failure(
      error.code === 'ETIMEDOUT'
        ? `dial tcp ${hostPort(host, port)}: i/o timeout`
        : `dial tcp ${hostPort(host, port)}: connect: ${error.message.toLowerCase()}`,
    );
  }
}

/** gRPC's health protocol; a server answers it as HTTP/2 would carry it, with the outcome in `grpc-status` (upstream pkg/probe/grpc). */
function* checkHealth({ net }: ProbeContext, ip: string, { port, service = '' }: GRPCAction, timeoutMs: number): Call<ProbeResult> {
  const address = hostPort(ip, port);
  const within = formatDuration(timeoutMs);
  try {
    const response = yield* net.request(
      { ip, port },
      {
        method: 'POST',
        target: '/grpc.health.v1.Health/Check',
        headers: { 'content-type': 'application/grpc', 'user-agent': 'kube-probe/1.34' },
        body: { service },
      },
      { timeoutMs },
    );
    const { status = 'UNKNOWN' } = response.body as { readonly status?: string };
    switch (response.headers['grpc-status']) {
      case '0':
        return status === 'SERVING' ? success : failure(`service unhealthy (responded with ${JSON.stringify(status)})`);
      case '5':
        return failure('error: health rpc probe failed: rpc error: code = NotFound desc = unknown service');
      case '12':
        return failure(
          `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health`,
        );
      default:
        // Any other server is not one of gRPC: the connection never comes about.
        return failure(`timeout: failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`);
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
    return failure(`timeout: failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`);
  }
}

/** Differs from Kubernetes: a probe's `host` is an address (or localhost); the node asks no DNS server for it. */
const addressOf = (host: string): string => (host === 'localhost' ? '127.0.0.1' : host);
