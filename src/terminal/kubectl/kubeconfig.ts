/** The kubeconfig: where it lies, how several are merged, and what of it a command uses. Upstream: client-go/tools/clientcmd. */

import type { Sys } from '../../emulator/kernel/index.ts';
import { Errno, fromBase64, isErrno, textOf, utf8 } from '../../emulator/kernel/index.ts';

import { parseYaml, toYaml } from '../../emulator/machinery/yaml.ts';
import { CommandError } from './errors.ts';
import type { FlagValues } from './flag-set.ts';
import type { Json } from './json.ts';

export interface NamedEntry {
  readonly name: string;
  readonly [field: string]: Json;
}
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly NamedEntry[];
  readonly users: readonly NamedEntry[];
  readonly contexts: readonly NamedEntry[];
  readonly 'current-context': string;
  readonly preferences: Json;
}

/** What one run of kubectl needs to reach its server. */
export interface ClientConfig {
  /** e.g. `https://172.18.0.2:6443`. */
  readonly server: string;
  readonly namespace: string;
  /** Whether -n named the namespace, which then wins over nothing and must equal a manifest's. */
  readonly isNamespaceExplicit: boolean;
  /** PEM of the client's certificate and key. */
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly token: string | undefined;
  /** PEM of whom the server's certificate must be from; undefined when it is not to be looked at. */
  readonly authority: string | undefined;
  /** Name of the user's entry, empty if none. */
  readonly user: string;
}

const empty: Kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [],
  users: [],
  contexts: [],
  'current-context': '',
  preferences: {},
};

/** Files of the configuration, the first of which a change is written to. */
export function kubeconfigPaths(sys: Sys, flags: FlagValues): readonly string[] {
  if (flags.string('kubeconfig') !== '') return [sys.path(flags.string('kubeconfig'))];
  const listed = (sys.env.get('KUBECONFIG') ?? '').split(':').filter((path) => path !== '');
  return listed.length > 0 ? listed.map((path) => sys.path(path)) : [`${sys.env.get('HOME') ?? '/root'}/.kube/config`];
}

/** Reads and merges the files; the first to name a thing wins. A file that is absent counts as empty, except one named by --kubeconfig. */
export function loadKubeconfig(sys: Sys, flags: FlagValues, options: { readonly resolvesPaths?: boolean } = {}): Kubeconfig {
  const isExplicit = flags.string('kubeconfig') !== '';
  return kubeconfigPaths(sys, flags)
    .map((path) => {
      const config = readKubeconfig(sys, path, isExplicit, flags);
      return options.resolvesPaths ? withAbsolutePaths(config, path.slice(0, path.lastIndexOf('/'))) : config;
    })
    .reduce(merge, empty);
}

/** Files are named from the directory of the kubeconfig. */
function withAbsolutePaths(config: Kubeconfig, directory: string): Kubeconfig {
  const resolve = (content: Json, names: readonly string[]): Json => {
    const relative = names.filter((name) => typeof content?.[name] === 'string' && content[name] !== '' && !content[name].startsWith('/'));
    return { ...content, ...Object.fromEntries(relative.map((name) => [name, `${directory}/${content[name]}`])) };
  };
  return {
    ...config,
    clusters: config.clusters.map((entry) => ({ ...entry, cluster: resolve(entry.cluster, ['certificate-authority']) })),
    users: config.users.map((entry) => ({ ...entry, user: resolve(entry.user, ['client-certificate', 'client-key', 'tokenFile']) })),
  };
}

function readKubeconfig(sys: Sys, path: string, mustExist: boolean, flags: FlagValues): Kubeconfig {
  let text: string;
  try {
    text = textOf(sys.fs.readFile(path));
  } catch (error) {
    if (!mustExist && error instanceof Errno && error.code === 'ENOENT') return empty;
    if (!isErrno(error)) throw error;
    throw new CommandError(
      error.code === 'ENOENT'
        ? `stat ${flags.string('kubeconfig') || path}: no such file or directory`
        : `error loading config file "${path}": ${error.message.toLowerCase()}`,
    );
  }
  try {
    return { ...empty, ...withoutNulls((parseYaml(text) ?? {}) as object) };
  } catch (error) {
    throw new CommandError(`error loading config file "${path}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The file to change and what it holds now. */
export function writableKubeconfig(sys: Sys, flags: FlagValues): { readonly path: string; readonly config: Kubeconfig } {
  const path = kubeconfigPaths(sys, flags)[0]!;
  return { path, config: readKubeconfig(sys, path, false, flags) };
}

export function writeKubeconfig(sys: Sys, path: string, config: Kubeconfig): void {
  const complete = (entries: readonly NamedEntry[], field: string, always: readonly string[]): readonly NamedEntry[] =>
    entries.map((entry) => ({ ...entry, [field]: { ...Object.fromEntries(always.map((name) => [name, ''])), ...entry[field] } }));
  const { clusters, contexts } = config;
  const whole = {
    ...config,
    clusters: complete(clusters, 'cluster', ['server']),
    contexts: complete(contexts, 'context', ['cluster', 'user']),
  };
  sys.fs.writeFile(path, utf8(toYaml(whole)), 0o600);
}

/** Applies --context, --cluster, --user, --server, --token and the like. */
export function clientConfig(sys: Sys, config: Kubeconfig, flags: FlagValues): ClientConfig {
  const contextName = flags.string('context') || config['current-context'];
  const named = find(config.contexts, contextName);
  if (!named && contextName !== '')
    throw new CommandError(`Error in configuration: context was not found for specified context: ${contextName}`, { bare: true });
  const context: Json = named?.context ?? {};
  const clusterName = flags.string('cluster') || context.cluster || '';
  const userName = flags.string('user') || context.user || '';
  const cluster: Json = find(config.clusters, clusterName)?.cluster;
  const user: Json = find(config.users, userName)?.user ?? {};
  if (flags.string('cluster') !== '' && !cluster) throw new CommandError(`no server found for cluster ${JSON.stringify(clusterName)}`);
  if (flags.string('user') !== '' && !find(config.users, userName))
    throw new CommandError(`auth info ${JSON.stringify(userName)} does not exist`);
  const pem = (name: string): string | undefined =>
    readPem(sys, user, name) ?? (flags.string(name) === '' ? undefined : readFile(sys, flags.string(name)));
  const certificate = pem('client-certificate');
  const key = pem('client-key');
  return {
    server: (flags.string('server') || cluster?.server || 'http://localhost:8080').replace(/\/$/, ''),
    namespace: flags.string('namespace') || context.namespace || 'default',
    isNamespaceExplicit: flags.string('namespace') !== '',
    certificate: certificate && key ? { certificate, key } : undefined,
    token: flags.string('token') || user.token || (user.tokenFile ? readFile(sys, user.tokenFile).trim() : undefined),
    authority: authorityOf(sys, cluster ?? {}, flags),
    user: userName,
  };
}

/** Without an authority the system's count, which have signed nothing in a cluster. */
function authorityOf(sys: Sys, cluster: Json, flags: FlagValues): string | undefined {
  const given = flags.string('certificate-authority');
  const isInsecure = flags.changed('insecure-skip-tls-verify')
    ? flags.bool('insecure-skip-tls-verify')
    : given === '' && cluster['insecure-skip-tls-verify'] === true;
  if (!isInsecure) {
    const pem = given === '' ? (readPem(sys, cluster, 'certificate-authority') ?? '') : readFile(sys, given);
    if (pem !== '' && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(pem))
      throw new CommandError('unable to load root certificates: unable to parse bytes as PEM block');
    return pem;
  }
  if (given !== '') throw new CommandError('specifying a root certificates file with the insecure flag is not allowed');
  return undefined;
}

/** The configuration of a Pod's service account, when kubectl runs inside one without a kubeconfig. */
export function inClusterConfig(sys: Sys, flags: FlagValues): ClientConfig | undefined {
  const host = sys.env.get('KUBERNETES_SERVICE_HOST');
  const root = '/var/run/secrets/kubernetes.io/serviceaccount';
  if (!host || !sys.fs.find(`${root}/token`)) return undefined;
  return {
    server: flags.string('server') || `https://${host}:${sys.env.get('KUBERNETES_SERVICE_PORT') ?? '443'}`,
    namespace: flags.string('namespace') || (sys.fs.find(`${root}/namespace`) ? readFile(sys, `${root}/namespace`) : 'default'),
    isNamespaceExplicit: flags.string('namespace') !== '',
    certificate: undefined,
    token: flags.string('token') || readFile(sys, `${root}/token`),
    authority: sys.fs.find(`${root}/ca.crt`) ? readFile(sys, `${root}/ca.crt`) : '',
    user: '',
  };
}

export function find(entries: readonly NamedEntry[], name: string): NamedEntry | undefined {
  return entries.find((entry) => entry.name === name);
}

function readPem(sys: Sys, user: Json, name: string): string | undefined {
  const data = user[`${name}-data`];
  if (typeof data === 'string') return fromBase64(data);
  return typeof user[name] === 'string' ? readFile(sys, user[name]) : undefined;
}

function readFile(sys: Sys, path: string): string {
  try {
    return textOf(sys.fs.readFile(sys.path(path)));
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new CommandError(`unable to read ${path}: open ${path}: ${error.message.toLowerCase()}`);
  }
}

function merge(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  const both = (a: readonly NamedEntry[], b: readonly NamedEntry[]): NamedEntry[] => [...a, ...b.filter((entry) => !find(a, entry.name))];
  return {
    ...first,
    clusters: both(first.clusters, second.clusters),
    users: both(first.users, second.users),
    contexts: both(first.contexts, second.contexts),
    'current-context': first['current-context'] || second['current-context'],
    preferences: { ...second.preferences, ...first.preferences },
  };
}

function withoutNulls(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
