/**
 * Databases and brokers of the documentation's tutorials.
 *
 * Differs from Kubernetes: they start, listen, log and end as the real ones do, and speak no protocol: no client of theirs
 * is here. Sizes and times of starting are rough.
 */
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { resolveAll } from '../../node/network/resolver.ts';
import type { ServerImage } from './server.ts';
import { flag, logTime } from './server.ts';

const entrypoint = '/usr/local/bin/docker-entrypoint.sh';

const noPassword = `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".`;

/** Whether something listens on a port of this machine. */
const readiness = (port: number, isReady: string, isNot: string): Program =>
  function* (sys): Call<number> {
    try {
      (yield* sys.net.connect({ ip: '127.0.0.1', port })).close();
    } catch (error) {
      if (!isErrno(error)) throw error;
      yield* sys.print(1, isNot);
      return 2;
    }
    yield* sys.print(1, isReady);
    return 0;
  };

const postgres: ServerImage = {
  repository: 'docker.io/library/postgres',
  versions: [
    { tags: ['17.6', '17', 'latest', 'alpine', '17-alpine'], sizeBytes: 160_000_000 },
    { tags: ['16.10', '16', '16-alpine'], sizeBytes: 156_000_000 },
    { tags: ['15.14', '15', '14', '13', '15-alpine'], sizeBytes: 154_000_000 },
  ],
  path: entrypoint,
  config: {
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    exposedPorts: [5432],
    stopSignal: 'INT',
    env: { PGDATA: '/var/lib/postgresql/data' },
  },
  usage: { idleCpuMilli: 1, memoryBytes: 28_000_000 },
  ports: [{ port: 5432 }],
  startupMs: 1500,
  refuses: ({ env }) => (env.get('POSTGRES_PASSWORD') || env.get('POSTGRES_HOST_AUTH_METHOD') === 'trust' ? undefined : noPassword),
  log: (sys, version) => [
    `${logTime(sys)} UTC [1] LOG:  starting PostgreSQL ${version} on x86_64-pc-linux-gnu, 64-bit`,
    `${logTime(sys)} UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432`,
    `${logTime(sys)} UTC [1] LOG:  database system is ready to accept connections`,
  ],
  files: () => ({
    '/usr/bin/pg_isready': readiness(
      5432,
      '/var/run/postgresql:5432 - accepting connections\n',
      '/var/run/postgresql:5432 - no response\n',
    ),
    '/var/lib/postgresql/data/.keep': '',
  }),
};

const mongo: ServerImage = {
  repository: 'docker.io/library/mongo',
  versions: [
    { tags: ['8.0.13', '8.0', '8', 'latest'], sizeBytes: 320_000_000 },
    { tags: ['7.0.24', '7.0', '7'], sizeBytes: 290_000_000 },
    { tags: ['4.2.24', '4.2', '4', '4.4'], sizeBytes: 137_000_000 },
  ],
  path: entrypoint,
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['mongod'], exposedPorts: [27017] },
  usage: { idleCpuMilli: 4, memoryBytes: 70_000_000 },
  ports: [{ port: (sys) => Number(flag(sys, 'port') ?? 27017) }],
  startupMs: 800,
  log: (sys, version) => [
    `${logTime(sys).replace(' ', 'T')}+0000 I  CONTROL  [initandlisten] db version v${version}`,
    `${logTime(sys).replace(' ', 'T')}+0000 I  NETWORK  [listener] Listening on ${flag(sys, 'bind_ip') ?? '0.0.0.0'}`,
    `${logTime(sys).replace(' ', 'T')}+0000 I  NETWORK  [listener] waiting for connections on port ${flag(sys, 'port') ?? 27017}`,
  ],
  files: () => ({ '/data/db/.keep': '' }),
};

const rabbitmq: ServerImage = {
  repository: 'docker.io/library/rabbitmq',
  versions: [
    { tags: ['4.1.4', '4.1', '4', 'latest', 'management', '4-management'], sizeBytes: 110_000_000 },
    { tags: ['3.13.7', '3.13', '3', '3-management'], sizeBytes: 105_000_000 },
  ],
  path: entrypoint,
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['rabbitmq-server'], exposedPorts: [5672, 15692] },
  usage: { idleCpuMilli: 6, memoryBytes: 140_000_000 },
  // A client that does not begin with the protocol's header is sent the right one.
  ports: [{ port: 5672, ask: (line) => (line.startsWith('AMQP') ? undefined : 'AMQP\0\0\t\u0001') }],
  startupMs: 5000,
  log: (sys, version) => [
    `${logTime(sys)}000+00:00 [info] <0.254.0>  Starting RabbitMQ ${version} on Erlang 27.3.4 [jit]`,
    `${logTime(sys)}000+00:00 [info] <0.642.0> started TCP listener on [::]:5672`,
    `${logTime(sys)}000+00:00 [info] <0.9.0> Server startup complete; 4 plugins started.`,
  ],
  files: () => ({ '/var/lib/rabbitmq/.keep': '' }),
};

/** `nodetool status` and `nodetool drain`; who is up is what the headless Service of the seed's name says. */
const nodetool: Program = function* (sys): Call<number> {
  const [, verb] = sys.argv;
  if (verb === 'drain') return 0;
  if (verb !== 'status') {
    yield* sys.print(2, `nodetool: Found unexpected parameters: [${verb ?? ''}]\n`);
    return 1;
  }
  const seed = sys.env.get('CASSANDRA_SEEDS')?.split(',')[0] ?? '';
  let members: readonly string[];
  try {
    members = yield* resolveAll(sys, seed.slice(seed.indexOf('.') + 1));
  } catch (error) {
    if (!isErrno(error)) throw error;
    members = sys.net.addresses.slice(0, 1);
  }
  const share = `${(100 / members.length).toFixed(1)}%`.padEnd(18);
  const rows = members.map(
    (ip, i) =>
      `UN  ${ip.padEnd(11)} ${(83.57 + i * 4.1).toFixed(2).padStart(7)} KiB  32           ${share}00000000-0000-0000-0000-${ip
        .split('.')
        .map((part) => part.padStart(3, '0'))
        .join('')}  ${sys.env.get('CASSANDRA_RACK') ?? 'rack1'}`,
  );
  const title = `Datacenter: ${sys.env.get('CASSANDRA_DC') ?? 'datacenter1'}`;
  const head = `${title}\n${'='.repeat(title.length)}\nStatus=Up/Down\n|/ State=Normal/Leaving/Joining/Moving\n--  Address     Load       Tokens       Owns (effective)  Host ID                               Rack\n`;
  yield* sys.print(1, `${head}${rows.join('\n')}\n\n`);
  return 0;
};

const cassandraPorts = [7000, 7199, 9042].map((port) => ({ port }));

const cassandra = (repository: string, versions: ServerImage['versions'], path: string): ServerImage => ({
  repository,
  versions,
  path,
  config: { entrypoint: [path.slice(path.lastIndexOf('/') + 1)], exposedPorts: [7000, 7199, 9042] },
  usage: { idleCpuMilli: 20, memoryBytes: 640_000_000 },
  ports: cassandraPorts,
  startupMs: 20_000,
  log: (sys) => [
    `INFO  ${logTime(sys).slice(11)} Starting listening for CQL clients on /0.0.0.0:9042 (unencrypted)...`,
    `INFO  ${logTime(sys).slice(11)} Startup complete`,
  ],
  files: () => ({
    '/usr/local/bin/nodetool': nodetool,
    '/usr/local/libexec/cql-ready': readiness(9042, '', ''),
    '/ready-probe.sh': '#!/bin/bash\nexec /usr/local/libexec/cql-ready\n',
  }),
});

/** Words of four letters. */
const zookeeperWords: Readonly<Record<string, string>> = { ruok: 'imok', isro: 'rw' };

const zookeeper: ServerImage = {
  repository: 'registry.k8s.io/kubernetes-zookeeper',
  versions: [{ tags: ['1.0-3.4.10'], sizeBytes: 150_000_000 }],
  path: '/usr/bin/start-zookeeper',
  config: { cmd: ['start-zookeeper'], exposedPorts: [2181, 2888, 3888] },
  usage: { idleCpuMilli: 4, memoryBytes: 95_000_000 },
  ports: [
    { port: (sys) => Number(flag(sys, 'client_port') ?? 2181), ask: (line) => zookeeperWords[line] },
    { port: (sys) => Number(flag(sys, 'server_port') ?? 2888) },
    { port: (sys) => Number(flag(sys, 'election_port') ?? 3888) },
  ],
  startupMs: 3000,
  refuses: ({ hostname }) => (/-\d+$/.test(hostname) ? undefined : 'Failed to parse name and ordinal of Pod'),
  prepare: writeConfiguration,
  log: (sys) => [
    `${logTime(sys).replace('.', ',')} [myid:${serverId(sys)}] - INFO  [main:QuorumPeerConfig@142] - Reading configuration from: /opt/zookeeper/conf/zoo.cfg`,
    `${logTime(sys).replace('.', ',')} [myid:${serverId(sys)}] - INFO  [main:NIOServerCnxnFactory@89] - binding to port 0.0.0.0/0.0.0.0:${flag(sys, 'client_port') ?? 2181}`,
  ],
  files: () => ({
    '/usr/bin/zookeeper-ready': function* (sys): Call<number> {
      const port = Number(sys.argv[1] ?? 2181);
      try {
        const connection = yield* sys.net.connect({ ip: '127.0.0.1', port });
        sys.own(() => connection.close());
        const stream = sys.net.open(connection);
        stream.output.write(utf8('ruok'));
        let reply: string | undefined;
        while ((reply = stream.input.read(64)) === undefined) yield* sys.kernel.block(stream.input.readable, 'read');
        return textOf(reply as never) === 'imok' ? 0 : 1;
      } catch (error) {
        if (!isErrno(error)) throw error;
        return 1;
      }
    },
    '/opt/zookeeper/conf/.keep': '',
  }),
};

/** A server's number is its Pod's, from one. */
const serverId = ({ hostname }: Sys): number => Number(hostname.slice(hostname.lastIndexOf('-') + 1)) + 1;

function writeConfiguration(sys: Sys): void {
  const dataDir = flag(sys, 'data_dir') ?? '/var/lib/zookeeper/data';
  const confDir = flag(sys, 'conf_dir') ?? '/opt/zookeeper/conf';
  const ports = `${flag(sys, 'server_port') ?? 2888}:${flag(sys, 'election_port') ?? 3888}`;
  const name = sys.hostname.slice(0, sys.hostname.lastIndexOf('-'));
  const domain = /^search (\S+)/m.exec(textOf(sys.fs.readFile('/etc/resolv.conf')))?.[1] ?? 'default.svc.cluster.local';
  const servers = Array.from(
    { length: Number(flag(sys, 'servers') ?? 1) },
    (_, i) => `server.${i + 1}=${name}-${i}.${name}-hs.${domain}:${ports}\n`,
  );
  const settings = [
    `clientPort=${flag(sys, 'client_port') ?? 2181}`,
    `dataDir=${dataDir}`,
    `dataLogDir=${flag(sys, 'data_log_dir') ?? `${dataDir}/log`}`,
    `tickTime=${flag(sys, 'tick_time') ?? 2000}`,
    `initLimit=${flag(sys, 'init_limit') ?? 10}`,
    `syncLimit=${flag(sys, 'sync_limit') ?? 5}`,
  ];
  sys.fs.writeFile(`${dataDir}/myid`, utf8(`${serverId(sys)}\n`));
  sys.fs.writeFile(`${confDir}/zoo.cfg`, utf8(`${settings.join('\n')}\n${servers.join('')}`));
}

export const databases: readonly ServerImage[] = [
  postgres,
  mongo,
  rabbitmq,
  cassandra('gcr.io/google-samples/cassandra', [{ tags: ['v13', 'v14'], sizeBytes: 130_000_000 }], '/usr/local/bin/run.sh'),
  cassandra('docker.io/library/cassandra', [{ tags: ['5.0.5', '5.0', '5', 'latest', '4.1', '4'], sizeBytes: 165_000_000 }], entrypoint),
  zookeeper,
];
