/**
 * Agents that watch a node or the cluster, and pieces of the control plane that a cluster may have.
 *
 * Differs from Kubernetes: they start, answer their health checks and end as the real ones do; what they gather goes
 * nowhere, and nothing is passed on, scaled or offered by them.
 */
import type { ServerImage } from './server.ts';
import { flag, logTime } from './server.ts';

const healthRoutes = { '/healthz': 'ok', '/readyz': 'ok', '/metrics': '' };

const fluentdGCP: ServerImage = {
  repository: 'registry.k8s.io/fluentd-gcp',
  versions: [{ tags: ['1.30', '2.0.2'], sizeBytes: 65_000_000 }],
  path: '/run.sh',
  config: { cmd: ['/bin/sh', '-c', '/run.sh $FLUENTD_ARGS'] },
  usage: { idleCpuMilli: 3, memoryBytes: 72_000_000 },
  startupMs: 900,
  log: (sys) => [
    `${logTime(sys).slice(0, 19)} +0000 [info]: reading config file path="${flag(sys, 'c') ?? sys.argv[sys.argv.indexOf('-c') + 1] ?? '/etc/fluent/fluent.conf'}"`,
    `${logTime(sys).slice(0, 19)} +0000 [info]: starting fluentd`,
  ],
};

const fluentdElasticsearch: ServerImage = {
  ...fluentdGCP,
  repository: 'registry.k8s.io/fluentd-elasticsearch',
  versions: [{ tags: ['1.20'], sizeBytes: 102_000_000 }],
  config: { cmd: ['/run.sh'] },
};

const nodeProblemDetector: ServerImage = {
  repository: 'registry.k8s.io/node-problem-detector',
  versions: [{ tags: ['v0.1'], sizeBytes: 44_000_000 }],
  path: '/node-problem-detector',
  config: { entrypoint: ['/node-problem-detector', '--kernel-monitor=/config/kernel-monitor.json'] },
  usage: { idleCpuMilli: 2, memoryBytes: 18_000_000 },
  log: () => ['Finish parsing log file: {WatcherConfig:{KernelLogPath:/log/kern.log} BufferSize:10 Source:kernel-monitor}'],
  files: () => ({ '/config/kernel-monitor.json': '{}\n' }),
};

const eventExporter: ServerImage = {
  repository: 'registry.k8s.io/event-exporter',
  versions: [{ tags: ['v0.2.3'], sizeBytes: 14_000_000 }],
  path: '/event-exporter',
  config: { entrypoint: ['/event-exporter'] },
  usage: { idleCpuMilli: 1, memoryBytes: 12_000_000 },
  ports: [{ port: 80, routes: healthRoutes }],
};

const proxyAgent: ServerImage = {
  repository: 'us.gcr.io/k8s-artifacts-prod/kas-network-proxy/proxy-agent',
  versions: [{ tags: ['v0.0.37'], sizeBytes: 9_000_000 }],
  path: '/proxy-agent',
  config: { entrypoint: ['/proxy-agent'] },
  usage: { idleCpuMilli: 1, memoryBytes: 9_000_000 },
  ports: [
    { port: (sys) => Number(flag(sys, 'admin-server-port') ?? 8094), routes: healthRoutes },
    { port: (sys) => Number(flag(sys, 'health-server-port') ?? 8093), routes: healthRoutes },
  ],
};

const proxyServer: ServerImage = {
  repository: 'registry.k8s.io/kas-network-proxy/proxy-server',
  versions: [{ tags: ['v0.0.32', 'v0.0.37'], sizeBytes: 9_000_000 }],
  path: '/proxy-server',
  config: { entrypoint: ['/proxy-server'] },
  usage: { idleCpuMilli: 1, memoryBytes: 10_000_000 },
  ports: [
    { port: (sys) => Number(flag(sys, 'agent-port') ?? 8091) },
    { port: (sys) => Number(flag(sys, 'admin-port') ?? 8095), routes: healthRoutes },
    { port: (sys) => Number(flag(sys, 'health-port') ?? 8092), routes: healthRoutes },
  ],
};

const draDriver: ServerImage = {
  repository: 'registry.k8s.io/dra-example-driver/dra-example-driver',
  versions: [{ tags: ['v0.1.0', 'v0.2.0'], sizeBytes: 60_000_000 }],
  path: '/usr/bin/dra-example-kubeletplugin',
  config: { cmd: ['dra-example-kubeletplugin'] },
  usage: { idleCpuMilli: 1, memoryBytes: 15_000_000 },
};

export const agents: readonly ServerImage[] = [
  fluentdGCP,
  fluentdElasticsearch,
  nodeProblemDetector,
  eventExporter,
  proxyAgent,
  proxyServer,
  draDriver,
];
