/** Reads kubeconfig files as client-go does (client-go/tools/clientcmd), as far as the components of a cluster need. */
import type { Credential } from '../control-plane/kube-apiserver/endpoint.ts';
import type { Address, FileSystem } from '../kernel/index.ts';
import { fromBase64, textOf } from '../kernel/index.ts';
import type { Certificate } from '../machinery/x509/index.ts';
import { certificatesOf } from '../machinery/x509/index.ts';
import { parseYaml } from '../machinery/yaml.ts';
import { unbracketed } from '../machinery/ipv6.ts';

/** Where and as whom a client connects. */
export interface RestConfig {
  readonly server: Address;
  readonly isTls: boolean;
  /** Whom the server's certificate must be from; absent when it is not to be looked at. */
  readonly authorities: (() => readonly Certificate[]) | undefined;
  readonly credential: Credential;
  readonly namespace: string;
}

/** A file that cannot be used, with client-go's wording. */
export class KubeconfigError extends Error {}

interface Named<K extends string, T> {
  readonly clusters?: readonly ({ readonly name: string } & { readonly [P in K]?: T })[];
}

interface File {
  readonly 'current-context'?: string;
  readonly clusters?: NonNullable<Named<'cluster', Record<string, string>>['clusters']>;
  readonly users?: NonNullable<Named<'user', Record<string, string>>['clusters']>;
  readonly contexts?: NonNullable<Named<'context', Record<string, string>>['clusters']>;
}

/** Files whose content is known without reading them, as long as nobody has changed them: reading would sign certificates. */
const remembered = new WeakMap<object, { readonly isPristine: () => boolean; readonly config: RestConfig }>();

/** Says what a kubeconfig file (its inode) means, so that a component need not parse it. */
export function rememberKubeconfig(inode: object, isPristine: () => boolean, config: RestConfig): void {
  remembered.set(inode, { isPristine, config });
}

/** The configuration of a kubeconfig file's current context. Throws KubeconfigError, or the Errno of a file that is not there. */
export function loadKubeconfig(fs: FileSystem, path: string, context?: string): RestConfig {
  const inode = fs.find(path);
  const known = inode && remembered.get(inode);
  if (known?.isPristine() && context === undefined) return known.config;
  let file: File | null;
  const text = textOf(fs.readFile(path));
  try {
    file = parseYaml(text) as File | null;
  } catch (error) {
    throw new KubeconfigError(`error loading config file "${path}": ${(error as Error).message}`);
  }
  const name = context ?? file?.['current-context'] ?? '';
  const chosen = find(file?.contexts, name)?.context;
  if (!chosen)
    throw new KubeconfigError(
      name === ''
        ? 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable'
        : `context "${name}" does not exist`,
    );
  const cluster = find(file?.clusters, chosen.cluster)?.cluster;
  if (!cluster) throw new KubeconfigError(`invalid configuration: cluster "${chosen.cluster}" does not exist`);
  const user = find(file?.users, chosen.user)?.user ?? {};
  return {
    ...parseServer(cluster.server ?? ''),
    authorities: authoritiesOf(fs, cluster),
    credential: credentialOf(fs, user),
    namespace: chosen.namespace ?? 'default',
  };
}

/** Splits the URL of a server: `https://172.18.0.2:6443`. */
export function parseServer(url: string): { readonly server: Address; readonly isTls: boolean } {
  const match = /^(https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?(?:\/.*)?$/.exec(url);
  if (!match) throw new KubeconfigError(`invalid configuration: invalid server URL "${url}"`);
  const isTls = match[1] === 'https';
  return { server: { ip: unbracketed(match[2]!), port: Number(match[3] ?? (isTls ? 443 : 80)) }, isTls };
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a container finds about its cluster (rest.InClusterConfig): the Service's address in the environment, the token in a volume. */
export function inClusterConfig(fs: FileSystem, env: ReadonlyMap<string, string>): RestConfig {
  const ip = env.get('KUBERNETES_SERVICE_HOST');
  const port = env.get('KUBERNETES_SERVICE_PORT');
  if (!ip || !port) {
    throw new KubeconfigError(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  }
  return {
    server: { ip, port: Number(port) },
    isTls: true,
    authorities: trusting(textOf(fs.readFile(`${serviceAccount}/ca.crt`))),
    credential: readToken(fs, `${serviceAccount}/token`),
    namespace: textOf(fs.readFile(`${serviceAccount}/namespace`)),
  };
}

const tokenFiles = new WeakMap<object, () => Credential | undefined>();

/** Says what a file that is generated on read proves, so that a component need not have its token signed. */
export function rememberTokenFile(generate: object, credential: () => Credential | undefined): void {
  tokenFiles.set(generate, credential);
}

/** The bearer token in a file; the kubelet rotates it, so read it again for each session. */
export function readToken(fs: FileSystem, path: string): Credential {
  const inode = fs.find(path);
  const known = inode?.kind === 'file' && inode.generate ? tokenFiles.get(inode.generate)?.() : undefined;
  if (known) return known;
  return { type: 'token', token: textOf(fs.readFile(path)).trim() };
}

const trusting =
  (pem: string): (() => readonly Certificate[]) =>
  () =>
    certificatesOf(pem);

/** Without an authority the system's count, which have signed nothing here. */
function authoritiesOf(fs: FileSystem, cluster: Readonly<Record<string, unknown>>): RestConfig['authorities'] {
  if (cluster['insecure-skip-tls-verify'] === true) return undefined;
  return trusting(embedded(fs, cluster as Readonly<Record<string, string>>, 'certificate-authority') ?? '');
}

function credentialOf(fs: FileSystem, user: Readonly<Record<string, string>>): Credential {
  const certificate = embedded(fs, user, 'client-certificate');
  const key = embedded(fs, user, 'client-key');
  if (certificate !== undefined && key !== undefined) return { type: 'certificate', certificate, key };
  if (user.tokenFile) return readToken(fs, user.tokenFile);
  if (user.token) return { type: 'token', token: user.token };
  return { type: 'anonymous' };
}

/** `<field>-data` in base64, or the file that `<field>` names. */
function embedded(fs: FileSystem, section: Readonly<Record<string, string>>, field: string): string | undefined {
  const data = section[`${field}-data`];
  if (data !== undefined) {
    const bytes = fromBase64(data);
    if (bytes === undefined) throw new KubeconfigError(`illegal base64 data in ${field}-data`);
    return textOf(bytes);
  }
  const path = section[field];
  return path === undefined ? undefined : textOf(fs.readFile(path));
}

function find<T extends { readonly name: string }>(list: readonly T[] | undefined, name: string | undefined): T | undefined {
  return list?.find((entry) => entry.name === name);
}
