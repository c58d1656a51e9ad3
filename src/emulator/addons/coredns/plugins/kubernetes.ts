import { namespaces } from '../../../api/core/namespace.ts';
import { pods } from '../../../api/core/pod.ts';
import { services } from '../../../api/core/service.ts';
import { endpointSlices } from '../../../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Pod, Service } from '../../../api/generated/types.ts';
import type { Informer } from '../../../client/index.ts';
import { connectClient, InformerFactory, inClusterConfig, KubeconfigError, readToken } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { isErrno } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsQuery, DnsRecord } from '../../../node/network/index.ts';
import { emptyAnswer, reverseAddress } from '../../../node/network/index.ts';
import type { CreatePlugin, Next, Plugin, Request, Setup } from '../plugin.ts';
import { matchZone, zonesOf } from '../plugin.ts';
import type { ClusterView, Target } from './records.ts';
import { addressRecords, lookUp, reverseNames, serviceRecords } from './records.ts';

interface Options {
  readonly zones: readonly string[];
  readonly ttl: number;
  readonly pods: 'disabled' | 'insecure' | 'verified';
  readonly usesPodNames: boolean;
  /** A Service without ready endpoints does not exist (`ignore empty_service`). */
  readonly ignoresEmpty: boolean;
  readonly namespaces: readonly string[];
  /** Zones whose unknown names go on to the next plugin; undefined: none. */
  readonly fallthrough: readonly string[] | undefined;
}

/** Properties that the plugin has, and that change nothing here. */
const withoutEffect = ['endpoint', 'kubeconfig', 'labels', 'namespace_labels', 'noendpoints', 'startup_timeout', 'tls'];

function readOptions({ directive, zones, fail, log }: Setup): Options {
  const options = {
    zones: zonesOf(directive.args, zones),
    ttl: 5,
    pods: 'disabled' as Options['pods'],
    usesPodNames: false,
    ignoresEmpty: false,
    namespaces: [] as readonly string[],
    fallthrough: undefined as Options['fallthrough'],
  };
  for (const line of directive.block) {
    const [first = ''] = line.args;
    if (line.name === 'ttl') options.ttl = Number(first);
    else if (line.name === 'pods' && (first === 'disabled' || first === 'insecure' || first === 'verified')) options.pods = first;
    else if (line.name === 'pods') fail(`wrong value for pods: ${first},  must be one of: disabled, verified, insecure`, line);
    else if (line.name === 'endpoint_pod_names') options.usesPodNames = true;
    else if (line.name === 'ignore' && first === 'empty_service') options.ignoresEmpty = true;
    else if (line.name === 'ignore') fail("unable to parse 'ignore' value", line);
    else if (withoutEffect.includes(line.name)) log('WARNING', `plugin/kubernetes: ${line.name} changes nothing in this emulator`);
    else if (line.name === 'namespaces') options.namespaces = line.args;
    else if (line.name === 'fallthrough') options.fallthrough = zonesOf(line.args, ['.']);
    else fail(`unknown property '${line.name}'`, line);
  }
  if (!Number.isInteger(options.ttl) || options.ttl < 0 || options.ttl > 3600) fail(`ttl must be in range [0, 3600]: ${options.ttl}`);
  return options;
}

const keyOfSlice = (slice: EndpointSlice): string | undefined => {
  const service = slice.metadata.labels?.['kubernetes.io/service-name'];
  return service === undefined ? undefined : `${slice.metadata.namespace}/${service}`;
};
const ipOfService = (service: Service): string | undefined => service.spec.clusterIP;
const secondIPOfService = (service: Service): string | undefined => service.spec.clusterIPs?.[1];
const ipOfPod = (pod: Pod): string | undefined => pod.status?.podIP;
const secondIPOfPod = (pod: Pod): string | undefined => pod.status?.podIPs?.[1]?.ip;

/** The plugin's caches: Services, EndpointSlices, Namespaces, and Pods only if they are verified. */
class Cluster implements ClusterView {
  readonly hasPod: ((namespace: string, ip: string) => boolean) | undefined;
  readonly answersPods: boolean;
  readonly usesPodNames: boolean;
  readonly ignoresEmpty: boolean;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespaces: Informer<never>;
  readonly #exposed: readonly string[];

  constructor(factory: InformerFactory, options: Options) {
    this.#services = factory.for(services);
    this.#slices = factory.for(endpointSlices);
    this.#namespaces = factory.for(namespaces) as unknown as Informer<never>;
    this.#exposed = options.namespaces;
    this.answersPods = options.pods !== 'disabled';
    this.usesPodNames = options.usesPodNames;
    this.ignoresEmpty = options.ignoresEmpty;
    if (options.pods === 'verified') {
      const informer = factory.for(pods);
      const indexes = [informer.index(ipOfPod), informer.index(secondIPOfPod)];
      this.hasPod = (namespace, ip) =>
        indexes.some((index) => [...index.get(ip).values()].some((pod) => pod.metadata.namespace === namespace));
    }
  }

  get hasSynced(): boolean {
    return this.#services.hasSynced && this.#slices.hasSynced && this.#namespaces.hasSynced;
  }

  hasNamespace(name: string): boolean {
    return (this.#exposed.length === 0 || this.#exposed.includes(name)) && this.#namespaces.get(name) !== undefined;
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(name, namespace);
  }

  slices(namespace: string, service: string): Iterable<EndpointSlice> {
    return this.#slices.index(keyOfSlice).get(`${namespace}/${service}`).values();
  }

  serviceByIP(ip: string): Service | undefined {
    for (const find of [ipOfService, secondIPOfService]) {
      const [service] = this.#services.index(find).get(ip).values();
      if (service) return service;
    }
    return undefined;
  }

  allSlices(): Iterable<EndpointSlice> {
    return this.#slices.values();
  }
}

/** Answers for the cluster's zones from watched Services and EndpointSlices. */
export const kubernetes: CreatePlugin = (setup) => {
  const { sys } = setup;
  const options = readOptions(setup);
  try {
    const config = inClusterConfig(sys.fs, sys.env);
    const credential = function* () {
      return readToken(sys.fs, '/var/run/secrets/kubernetes.io/serviceaccount/token');
    };
    const client = connectClient({ kernel: sys.kernel, net: sys.net, ...config, credential, agent: 'coredns' });
    const factory = new InformerFactory(sys.kernel, client);
    return new KubernetesPlugin(options, new Cluster(factory, options), {
      start: () => factory.start(),
      stop: () => {
        factory.stop();
        client.close();
      },
      now: () => Math.floor(sys.kernel.clock.unixMs / 1000),
      ask: setup.ask,
    });
  } catch (error) {
    if (error instanceof KubeconfigError || isErrno(error)) return setup.refuse(error.message);
    throw error;
  }
};

interface Parts {
  readonly start: () => void;
  readonly stop: () => void;
  /** Unix seconds, the zone's serial number. */
  readonly now: () => number;
  readonly ask: Next;
}

export class KubernetesPlugin implements Plugin {
  readonly name = 'kubernetes';
  readonly start: () => void;
  readonly stop: () => void;
  readonly #options: Options;
  readonly #cluster: ClusterView & { readonly hasSynced: boolean };
  readonly #parts: Parts;

  constructor(options: Options, cluster: ClusterView & { readonly hasSynced: boolean }, parts: Parts) {
    this.#options = options;
    this.#cluster = cluster;
    this.#parts = parts;
    this.start = parts.start;
    this.stop = parts.stop;
  }

  isReady(): boolean {
    return this.#cluster.hasSynced;
  }

  *serve(request: Request, next: Next): Call<DnsAnswer> {
    const { query } = request;
    const name = query.name.toLowerCase();
    const zone = matchZone(this.#options.zones, name);
    if (zone === undefined) return yield* next(request);
    if (zone.endsWith('in-addr.arpa.') || zone.endsWith('ip6.arpa.')) return yield* this.#reverse(request, zone, next);
    const special = this.#special(query, name, zone);
    if (special) return special;
    const targets = lookUp(this.#cluster, name, zone);
    if (!targets) return yield* this.#unknown(request, zone, next);
    const alias = targets[0]?.alias;
    if (alias !== undefined && query.type !== 'SRV') return yield* this.#alias(request, alias);
    return this.#answer(query, targets, zone);
  }

  #answer(query: DnsQuery, targets: readonly Target[], zone: string): DnsAnswer {
    const { ttl } = this.#options;
    const { answers, additional } =
      query.type === 'SRV'
        ? serviceRecords(query.name, targets, ttl)
        : {
            answers: addressRecords(query.name, targets, ttl).filter(({ type }) => query.type === type || query.type === 'ANY'),
            additional: [],
          };
    if (answers.length === 0) return this.#negative(query, zone, 'NOERROR');
    return { ...authoritative(query), answers, additional };
  }

  /** The alias, and what it leads to as this server itself sees it. */
  *#alias({ query, ...client }: Request, alias: string): Call<DnsAnswer> {
    const record: DnsRecord = { name: query.name, type: 'CNAME', ttl: this.#options.ttl, data: alias };
    if (query.type !== 'A' && query.type !== 'AAAA') return { ...authoritative(query), answers: [record] };
    const answer = yield* this.#parts.ask({ ...client, query: { ...query, name: alias } });
    return { ...authoritative(query), answers: [record, ...answer.answers] };
  }

  *#reverse(request: Request, zone: string, next: Next): Call<DnsAnswer> {
    const { query } = request;
    const ip = reverseAddress(query.name);
    const names = query.type === 'PTR' && ip !== undefined ? reverseNames(this.#cluster, ip, this.#primaryZone) : [];
    if (names.length === 0) return yield* this.#unknown(request, zone, next);
    return { ...authoritative(query), answers: names.map((data) => ({ name: query.name, type: 'PTR', ttl: this.#options.ttl, data })) };
  }

  get #primaryZone(): string {
    return this.#options.zones.find((zone) => !zone.endsWith('.arpa.')) ?? 'cluster.local.';
  }

  #special(query: DnsQuery, name: string, zone: string): DnsAnswer | undefined {
    const { ttl } = this.#options;
    if (name === zone && query.type === 'SOA') return { ...authoritative(query), answers: [this.#soa(zone)] };
    if (name === zone && query.type === 'NS')
      return { ...authoritative(query), answers: [{ name: query.name, type: 'NS', ttl, data: `ns.dns.${zone}` }] };
    if (name === `dns-version.${zone}`) {
      return query.type === 'TXT'
        ? { ...authoritative(query), answers: [{ name: query.name, type: 'TXT', ttl: 28_800, data: '"1.1.0"' }] }
        : this.#negative(query, zone, 'NOERROR');
    }
    return undefined;
  }

  *#unknown(request: Request, zone: string, next: Next): Call<DnsAnswer> {
    const { fallthrough } = this.#options;
    if (fallthrough && matchZone(fallthrough, request.query.name) !== undefined) return yield* next(request);
    // Before the first list nobody can say that a name does not exist.
    return this.#cluster.hasSynced ? this.#negative(request.query, zone, 'NXDOMAIN') : emptyAnswer(request.query, 'SERVFAIL');
  }

  #negative(query: DnsQuery, zone: string, code: 'NOERROR' | 'NXDOMAIN'): DnsAnswer {
    return { ...authoritative(query), code, authority: [this.#soa(zone)] };
  }

  #soa(zone: string): DnsRecord {
    const { ttl } = this.#options;
    return {
      name: zone,
      type: 'SOA',
      ttl: Math.min(ttl, 300),
      data: `ns.dns.${zone} hostmaster.${zone} ${this.#parts.now()} 7200 1800 86400 ${ttl}`,
    };
  }
}

function authoritative(query: DnsQuery): DnsAnswer {
  return { ...emptyAnswer(query, 'NOERROR'), isAuthoritative: true, isRecursive: false };
}
