import type { DirectoryInode, Program, Sys } from '../../kernel/index.ts';
import { parseFlags } from '../component-base/flags.ts';
import type { FlagTypes, Flags } from '../component-base/flags.ts';
import { createSingleMember, etcdHttp, etcdVersion } from './endpoint.ts';
import { EtcdData } from './store.ts';

const flagTypes: FlagTypes = {
  'advertise-client-urls': 'list',
  'cert-file': 'string',
  'client-cert-auth': 'boolean',
  'data-dir': 'string',
  'election-timeout': 'integer',
  'experimental-initial-corrupt-check': 'boolean',
  'experimental-watch-progress-notify-interval': 'duration',
  'feature-gates': 'list',
  'heartbeat-interval': 'integer',
  'initial-advertise-peer-urls': 'list',
  'initial-cluster': 'list',
  'initial-cluster-state': 'string',
  'key-file': 'string',
  'listen-client-urls': 'list',
  'log-level': 'string',
  'listen-metrics-urls': 'list',
  'listen-peer-urls': 'list',
  name: 'string',
  'peer-cert-file': 'string',
  'peer-client-cert-auth': 'boolean',
  'peer-key-file': 'string',
  'peer-trusted-ca-file': 'string',
  'quota-backend-bytes': 'integer',
  'snapshot-count': 'integer',
  'trusted-ca-file': 'string',
  'watch-progress-notify-interval': 'duration',
};
const files = ['cert-file', 'key-file', 'trusted-ca-file', 'peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file'];

/** By the folder itself: a container that mounts it finds what an earlier one left, and removing the folder loses the data. */
const dataIn = new WeakMap<DirectoryInode, EtcdData>();

/** The data under a directory: made at the first start, found again at every other. */
export function dataAt(sys: Sys, directory: string): EtcdData {
  const path = sys.path(directory);
  sys.fs.mkdirs(path);
  const inode = sys.fs.inode(path) as DirectoryInode;
  let data = dataIn.get(inode);
  if (!data) {
    data = new EtcdData(sys.kernel);
    dataIn.set(inode, data);
  }
  return data;
}

function missingFile(sys: Sys, flags: Flags): string | undefined {
  for (const flag of files) {
    const path = flags.text(flag);
    if (path !== undefined && !sys.fs.find(path)) return `open ${path}: no such file or directory`;
  }
  return undefined;
}

/** `etcd`, one member. Flags as kubeadm's manifest gives them. */
export const etcd: Program = function* (sys) {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    const unknown = /^unknown flag: --(.*)$/.exec(parsed.error)?.[1];
    yield* sys.print(
      2,
      unknown === undefined
        ? `error verifying flags, ${parsed.error}. See 'etcd --help'.\n`
        : `flag provided but not defined: -${unknown}\n`,
    );
    return 2;
  }
  const { flags } = parsed;
  const log = (level: string, msg: string, more: Record<string, unknown> = {}) =>
    sys.print(2, `${JSON.stringify({ level, ts: sys.kernel.clock.microTime(), msg, ...more })}\n`);
  const missing = missingFile(sys, flags);
  if (missing) {
    yield* log('fatal', 'discovery failed', { error: missing });
    return 1;
  }
  const name = flags.text('name') ?? 'default';
  const data = dataAt(sys, flags.text('data-dir') ?? `${name}.etcd`);
  yield* log('info', 'starting an etcd server', { 'etcd-version': etcdVersion, name, 'data-dir': flags.text('data-dir') });
  const endpoint = createSingleMember(data, {
    name,
    clientURLs: flags.list('advertise-client-urls'),
    peerURLs: flags.list('initial-advertise-peer-urls'),
  });
  const listen = (url: string, service: { http: ReturnType<typeof etcdHttp>; isTls: boolean; endpoint?: unknown }): void => {
    const match = /^(https?):\/\/(.*):(\d+)$/.exec(url);
    if (!match) return;
    const [, scheme, ip, port] = match;
    const listener = sys.net.listen(Number(port), { ...service, isTls: scheme === 'https' }, ip === '0.0.0.0' ? {} : { ip: ip! });
    sys.own(() => listener.close());
  };
  const http = etcdHttp();
  for (const url of flags.has('listen-client-urls') ? flags.list('listen-client-urls') : ['http://127.0.0.1:2379'])
    listen(url, { http, isTls: true, endpoint });
  for (const url of flags.list('listen-metrics-urls')) listen(url, { http, isTls: false });
  yield* log('info', 'serving client traffic', { 'listen-client-urls': flags.list('listen-client-urls') });
  yield* sys.pause();
  return 0;
};
