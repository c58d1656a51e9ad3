/** The kubelet's HTTPS server on port 10250, for the API server: logs, exec, attach, port-forward, statistics (upstream pkg/kubelet/server). */
import type { Pod } from '../../api/generated/types.ts';
import type { ByteString, Call, HttpHandler, HttpRequest, HttpResponse, Kernel, Peer, Waiter, WaitQueue } from '../../kernel/index.ts';
import { formatTime, noBytes, OpenFile, parseTime, utf8 } from '../../kernel/index.ts';
import type { Container, ContainerLog, ContainerRuntime, LogLine } from '../container-runtime/index.ts';
import { failedSession } from '../container-runtime/index.ts';
import { containerOf } from './container-path.ts';
import type { Gate } from './gate.ts';
import type { PodWorker } from './pod-worker.ts';
import type { StatsHost } from './stats.ts';
import { cadvisorMetrics, resourceMetrics, summary } from './stats.ts';
import { PortForwarder } from './port-forward.ts';

export interface ServerHost {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  worker(namespace: string, name: string): PodWorker | undefined;
  pods(): readonly Pod[];
  readonly stats: StatsHost;
  readonly gate: Gate;
}

const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: utf8(body),
});

const json = (body: object): HttpResponse => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
const metrics = (body: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  body: utf8(body),
});

/** The value of a query; a name may come several times. */
function queryOf(target: string): {
  readonly path: readonly string[];
  readonly get: (name: string) => string | undefined;
  readonly all: (name: string) => string[];
} {
  const mark = target.indexOf('?');
  const decode = (value: string): string => decodeURIComponent(value.replaceAll('+', ' '));
  const pairs =
    mark < 0
      ? []
      : target
          .slice(mark + 1)
          .split('&')
          .map((pair) => [decode(pair.split('=')[0]!), decode(pair.slice(pair.indexOf('=') + 1))] as const);
  const all = (name: string): string[] => pairs.filter(([key]) => key === name).map(([, value]) => value);
  return {
    path: (mark < 0 ? target : target.slice(0, mark)).split('/').slice(1).map(decodeURIComponent),
    get: (name) => all(name)[0],
    all,
  };
}

const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1';

export function serverHandler(host: ServerHost): HttpHandler {
  return function* (request: HttpRequest, peer: Peer): Call<HttpResponse> {
    const refusal = yield* host.gate.refusal(request, peer);
    if (refusal) return refusal;
    const query = queryOf(request.target);
    const [verb, namespace = '', name = '', containerName = ''] = query.path;
    if (verb === 'healthz') return text(200, 'ok');
    if (verb === 'pods') return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: host.pods() });
    if (verb === 'stats') return json(summary(host.stats));
    if (verb === 'metrics' && namespace === 'resource') return metrics(resourceMetrics(host.stats));
    if (verb === 'metrics' && namespace === 'cadvisor') return metrics(cadvisorMetrics(host.stats));
    const worker = host.worker(namespace, name);
    if (verb === 'containerLogs')
      return worker ? logs(host, worker, containerName, query) : text(404, `pod ${JSON.stringify(`${namespace}/${name}`)} not found\n`);
    if (verb !== 'exec' && verb !== 'attach' && verb !== 'portForward' && verb !== 'run') return text(404, '404 page not found\n');
    if (!worker) return text(404, 'pod does not exist');
    if (verb === 'portForward') return { status: 101, headers: {}, body: noBytes, upgrade: new PortForwarder(worker.sandbox) };
    const container = worker.newest(containerName);
    const options = { hasStdin: isTrue(query.get('input') ?? query.get('stdin')), hasTty: isTrue(query.get('tty')) };
    const upgrade =
      container?.state !== 'running'
        ? failedSession(`Internal error occurred: unable to upgrade connection: container not found ("${containerName}")`)
        : verb === 'attach'
          ? host.runtime.attach(container, options)
          : host.runtime.exec(container, query.all('command'), options);
    return { status: 101, headers: {}, body: noBytes, upgrade };
  };
}

function logs(host: ServerHost, worker: PodWorker, name: string, query: ReturnType<typeof queryOf>): HttpResponse {
  const { name: podName } = worker.pod.metadata;
  if (!containerOf(worker.pod, name)) return text(404, `container ${name} not found in pod ${podName}\n`);
  const newest = worker.newest(name);
  const attempt = newest?.config.attempt ?? 0;
  const container = isTrue(query.get('previous'))
    ? worker.sandboxes.flatMap(({ containers }) => containers).find(({ config }) => config.name === name && config.attempt === attempt - 1)
    : newest;
  if (!container && isTrue(query.get('previous')))
    return text(400, `previous terminated container ${JSON.stringify(name)} in pod ${JSON.stringify(podName)} not found`);
  if (!container) {
    // Upstream words three reasons and names the others (pkg/kubelet/kubelet_pods.go, validateContainerLogStatus).
    const reason = worker.waiting?.get(name)?.reason ?? (worker.pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating');
    const message =
      reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason === 'ErrImagePull' ? "image can't be pulled" : reason;
    return text(400, `container ${JSON.stringify(name)} in pod ${JSON.stringify(podName)} is waiting to start: ${message}`);
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
    body: new LogStream(host.kernel, container, optionsOf(query, host.kernel)),
  };
}

interface LogOptions {
  readonly follow: boolean;
  readonly tailLines: number | undefined;
  readonly sinceMs: number | undefined;
  readonly timestamps: boolean;
  readonly limitBytes: number | undefined;
}

function optionsOf(query: ReturnType<typeof queryOf>, kernel: Kernel): LogOptions {
  const number = (name: string): number | undefined => (query.get(name) === undefined ? undefined : Number(query.get(name)));
  const seconds = number('sinceSeconds');
  const time = query.get('sinceTime');
  return {
    follow: isTrue(query.get('follow')),
    tailLines: number('tailLines'),
    sinceMs:
      seconds === undefined
        ? time === undefined
          ? undefined
          : (parseTime(time) ?? 0) - kernel.clock.epochMs
        : kernel.loop.now - seconds * 1000,
    timestamps: isTrue(query.get('timestamps')),
    limitBytes: number('limitBytes'),
  };
}

/** RFC 3339 with nanoseconds, of which virtual time has only the first digits. */
export function nanoTime(unixMs: number): string {
  return `${formatTime(Math.floor(unixMs / 1000) * 1000).slice(0, -1)}.${String(unixMs % 1000).padStart(3, '0')}000000Z`;
}

/** A container's log as bytes: what is there, and with `follow` what comes until the container ends. */
export class LogStream extends OpenFile implements Waiter {
  waitingOn: WaitQueue | undefined;
  readonly #kernel: Kernel;
  readonly #container: Container;
  readonly #options: LogOptions;
  /** Lines since the log began, those that were dropped included. */
  #next: number;
  #left: number;
  #rest = '';

  constructor(kernel: Kernel, container: Container, options: LogOptions) {
    super();
    this.#kernel = kernel;
    this.#container = container;
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.#next = this.#firstLine(container.log);
  }

  override read(max: number): ByteString | undefined {
    if (this.#rest === '') this.#fill();
    if (this.#rest === '') {
      const isOver = !this.#options.follow || this.#container.state === 'exited' || this.#left <= 0;
      if (!isOver) this.#listen();
      return isOver ? noBytes : undefined;
    }
    const data = this.#rest.slice(0, Math.min(max, this.#left)) as ByteString;
    this.#rest = this.#left <= data.length ? '' : this.#rest.slice(data.length);
    this.#left -= data.length;
    return data;
  }

  override write(): number {
    return 0;
  }

  override closed(): void {
    this.waitingOn?.remove(this);
  }

  wake(): void {
    this.readable.wake();
  }

  #listen(): void {
    const log = this.#container.openLog();
    if (this.waitingOn === undefined) log.changed.add(this);
  }

  #firstLine(log: ContainerLog | undefined): number {
    if (!log) return 0;
    const { tailLines, sinceMs } = this.#options;
    let first = 0;
    if (sinceMs !== undefined) while (first < log.lines.length && log.lines[first]!.atMs < sinceMs) first++;
    if (tailLines !== undefined) first = Math.max(first, log.lines.length - tailLines);
    return log.dropped + first;
  }

  #fill(): void {
    const { log } = this.#container;
    if (!log || this.#left <= 0) return;
    const from = Math.max(0, this.#next - log.dropped);
    let out = '';
    for (let i = from; i < log.lines.length && out.length < 65_536; i++) {
      out += this.#format(log.lines[i]!);
      this.#next = log.dropped + i + 1;
    }
    this.#rest = out;
  }

  #format({ atMs, text: line, isPartial }: LogLine): string {
    const stamp = this.#options.timestamps ? `${nanoTime(this.#kernel.clock.at(atMs))} ` : '';
    return `${stamp}${line}${isPartial ? '' : '\n'}`;
  }
}
