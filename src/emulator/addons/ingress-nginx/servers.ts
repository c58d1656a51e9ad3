/** What nginx would be configured with: a server a host, with its locations, from all Ingresses of the controller's classes. */
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../api/generated/types.ts';
import type { Canary, Settings } from './annotations.ts';
import { settingsOf } from './annotations.ts';

/** A port of a Service. */
export interface Upstream {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
}

export interface Location {
  readonly path: string;
  readonly match: (path: string) => RegExpExecArray | boolean;
  readonly isExact: boolean;
  /** Undefined: the controller's own default backend. */
  readonly upstream: Upstream | undefined;
  readonly settings: Settings;
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
  readonly canaries: readonly { readonly canary: Canary; readonly upstream: Upstream }[];
}

export interface VirtualServer {
  /** `_` takes what no other server does. */
  readonly host: string;
  /** In the order in which they are tried. */
  readonly locations: readonly Location[];
  /** `namespace/name` of the Secret; '' for the controller's own certificate; undefined without TLS. */
  readonly secret: string | undefined;
}

export const defaultHost = '_';

interface Draft {
  readonly paths: Map<string, { entry: Omit<Location, 'match' | 'canaries'>; type: string; canaries: Location['canaries'][number][] }>;
  usesRegex: boolean;
  secret: string | undefined;
}

/** Servers of these Ingresses, the default one last. */
export function buildServers(ingresses: readonly Ingress[]): readonly VirtualServer[] {
  const drafts = new Map<string, Draft>();
  const draftOf = (host: string): Draft => {
    let draft = drafts.get(host);
    if (!draft) drafts.set(host, (draft = { paths: new Map(), usesRegex: false, secret: undefined }));
    return draft;
  };
  draftOf(defaultHost);
  const sorted = [...ingresses].sort(byAge);
  for (const ingress of sorted) if (!settingsOf(ingress).canary) addIngress(ingress, draftOf);
  for (const ingress of sorted) addCanary(ingress, drafts);
  const servers = [...drafts].map(([host, draft]) => finish(host, draft));
  return [...servers.filter(({ host }) => host !== defaultHost), servers.find(({ host }) => host === defaultHost)!];
}

function byAge(a: Ingress, b: Ingress): number {
  const [x, y] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return x === y ? (keyOf(a) < keyOf(b) ? -1 : 1) : x < y ? -1 : 1;
}

const keyOf = ({ metadata }: Ingress): string => `${metadata.namespace}/${metadata.name}`;

function upstreamOf(namespace: string, { service }: IngressBackend): Upstream | undefined {
  return service && { namespace, service: service.name, port: service.port?.number || service.port?.name || 80 };
}

function addIngress(ingress: Ingress, draftOf: (host: string) => Draft): void {
  const { spec } = ingress;
  const namespace = ingress.metadata.namespace!;
  const settings = settingsOf(ingress);
  const fallback = spec?.defaultBackend && upstreamOf(namespace, spec.defaultBackend);
  const add = (host: string, one: { path: string; pathType: string; upstream: Upstream | undefined }): void => {
    for (const name of [host, ...settings.aliases]) addTo(name, one);
  };
  const addTo = (host: string, { path, pathType, upstream }: { path: string; pathType: string; upstream: Upstream | undefined }): void => {
    const draft = draftOf(host);
    if (settings.usesRegex) draft.usesRegex = true;
    const key = `${pathType === 'Exact' ? '=' : ''}${path}`;
    if (draft.paths.has(key)) return;
    const entry = { path, isExact: pathType === 'Exact', upstream, settings, ingress: keyOf(ingress) };
    draft.paths.set(key, { entry, type: pathType, canaries: [] });
  };
  for (const { host, http } of spec?.rules ?? []) {
    const name = host?.toLowerCase() || defaultHost;
    for (const one of http?.paths ?? []) add(name, { ...placeOf(one), upstream: upstreamOf(namespace, one.backend) });
    if (fallback) add(name, { path: '/', pathType: 'Prefix', upstream: fallback });
    else draftOf(name);
  }
  if (fallback && !spec.rules?.length) add(defaultHost, { path: '/', pathType: 'Prefix', upstream: fallback });
  for (const { hosts = [], secretName } of spec?.tls ?? []) {
    for (const host of hosts) draftOf(host.toLowerCase()).secret ??= secretName ? `${namespace}/${secretName}` : '';
  }
}

const placeOf = ({ path, pathType }: HTTPIngressPath): { readonly path: string; readonly pathType: string } => ({
  path: path || '/',
  pathType,
});

/** A canary joins the location of another Ingress; alone it serves nothing. */
function addCanary(ingress: Ingress, drafts: ReadonlyMap<string, Draft>): void {
  const { canary } = settingsOf(ingress);
  if (!canary) return;
  for (const { host, http } of ingress.spec?.rules ?? []) {
    for (const one of http?.paths ?? []) {
      const { path, pathType } = placeOf(one);
      const location = drafts.get(host?.toLowerCase() || defaultHost)?.paths.get(`${pathType === 'Exact' ? '=' : ''}${path}`);
      const upstream = upstreamOf(ingress.metadata.namespace!, one.backend);
      if (location && upstream) location.canaries.push({ canary, upstream });
    }
  }
}

function finish(host: string, { paths, usesRegex, secret }: Draft): VirtualServer {
  const locations = [...paths.values()].flatMap(({ entry, type, canaries }): Location[] => {
    const match = usesRegex ? regexMatch(entry.path) : plainMatch(entry.path, type);
    return match ? [{ ...entry, match, canaries }] : [];
  });
  // nginx takes an exact location first, then the longest; expressions are written in the order of their length.
  locations.sort((a, b) => (!usesRegex && a.isExact !== b.isExact ? (a.isExact ? -1 : 1) : b.path.length - a.path.length));
  return { host, locations, secret };
}

/** Undefined for what is no regular expression: nginx would refuse it. */
function regexMatch(path: string): Location['match'] | undefined {
  try {
    const pattern = new RegExp(`^${path}`, 'i');
    return (text) => pattern.exec(text) ?? false;
  } catch {
    return undefined;
  }
}

function plainMatch(path: string, type: string): Location['match'] {
  if (type === 'Exact') return (text) => text === path;
  if (type !== 'Prefix' || path === '/') return (text) => text.startsWith(path);
  const base = path.replace(/\/+$/, '');
  return (text) => text === base || text.startsWith(`${base}/`);
}

/** The server for a host: its own, the one with a wildcard for its first label, or the default one. */
export function serverFor(servers: readonly VirtualServer[], host: string): VirtualServer {
  const name = host.toLowerCase();
  const own = servers.find((server) => server.host === name);
  const wildcard = `*${name.slice(name.indexOf('.') < 0 ? name.length : name.indexOf('.'))}`;
  return own ?? servers.find((server) => server.host === wildcard) ?? servers.at(-1)!;
}
