import { namespaces } from '../../api/core/namespace.ts';
import { secrets } from '../../api/core/secret.ts';
import { services } from '../../api/core/service.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Namespace, Secret, Service } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { Client } from '../../client/index.ts';
import { Informer, Workqueue } from '../../client/index.ts';
import type { Call, Sys } from '../../kernel/index.ts';
import { fromBase64, textOf } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { LabelSelectorObject } from '../../machinery/labels.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import { isConflict, isNotFound } from '../../machinery/status-error.ts';
import { classAccepted, gatewayConflict, gatewayFindings, listenerFindings, withTimes } from './conditions.ts';
import type { Backend, Endpoint, Port, Server } from './data-plane.ts';
import { DataPlane } from './data-plane.ts';
import { isGrpcRoute } from './grpc-routes.ts';
import type { AnyRoute, BackendRef, Gateway, GatewayClass, GRPCRoute, HTTPRoute, ParentStatus, ReferenceGrant } from './kinds.ts';
import { gatewayClasses, gateways, grpcRoutes, httpRoutes, referenceGrants } from './kinds.ts';
import type { ServedListener, Surroundings } from './listeners.ts';
import { serveListeners, supportedKinds } from './listeners.ts';
import type { Entry } from './matching.ts';
import { sitesOf } from './matching.ts';
import type { RouteVerdict } from './routes.ts';
import { backendProblem, judgeRoute } from './routes.ts';

/** Changes that come close together are one reload. */
const reloadRestMs = 500;

export interface Options {
  readonly controllerName: string;
  /** The Service in front of the controller, whose address Gateways get. */
  readonly service: { readonly namespace: string; readonly name: string };
}

const serviceOf = ({ metadata }: EndpointSlice): string | undefined => {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name && `${metadata.namespace}/${name}`;
};

/** Everything that the controller watches. */
class Caches {
  readonly classes: Informer<GatewayClass>;
  readonly gateways: Informer<Gateway>;
  readonly routes: Informer<HTTPRoute>;
  readonly grpcRoutes: Informer<GRPCRoute>;
  readonly grants: Informer<ReferenceGrant>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly secrets: Informer<Secret>;
  readonly namespaces: Informer<Namespace>;

  constructor(sys: Sys, client: Client) {
    const watch = <T extends ApiObject>(kind: Kind<T>, options = {}): Informer<T> => {
      const informer = new Informer(sys.kernel, client, kind, options);
      sys.own(() => informer.stop());
      return informer;
    };
    this.classes = watch(gatewayClasses);
    this.gateways = watch(gateways);
    this.routes = watch(httpRoutes);
    this.grpcRoutes = watch(grpcRoutes);
    this.grants = watch(referenceGrants);
    this.services = watch(services);
    this.slices = watch(endpointSlices);
    this.secrets = watch(secrets, { fieldSelector: 'type=kubernetes.io/tls' });
    this.namespaces = watch(namespaces);
    this.slices.index(serviceOf);
  }

  get all(): readonly Informer<never>[] {
    const { classes, gateways: gates, routes, grpcRoutes: calls, grants, services: svc, slices, secrets: keys, namespaces: spaces } = this;
    return [classes, gates, routes, calls, grants, svc, slices, keys, spaces] as unknown as readonly Informer<never>[];
  }

  get hasSynced(): boolean {
    return this.all.every(({ hasSynced }) => hasSynced);
  }

  endpoints(namespace: string, name: string, number: number | undefined): readonly Endpoint[] {
    const wanted = this.services.get(name, namespace)?.spec.ports?.find(({ port }) => port === number);
    if (!wanted) return [];
    const found: Endpoint[] = [];
    for (const slice of this.slices.index(serviceOf).get(`${namespace}/${name}`).values()) {
      const target = slice.ports?.find((port) => (port.name ?? '') === (wanted.name ?? ''))?.port;
      if (target === undefined) continue;
      for (const { addresses, conditions } of slice.endpoints ?? [])
        if (conditions?.ready !== false) found.push({ ip: addresses[0]!, port: target });
    }
    return found;
  }
}

/** The view of the cluster that verdicts are made in. */
function surroundings(caches: Caches): Surroundings {
  return {
    grants: [...caches.grants.values()],
    certificate: (namespace, name) => {
      const secret = caches.secrets.get(name, namespace);
      if (!secret) return undefined;
      const pem = fromBase64(secret.data?.['tls.crt'] ?? '');
      return pem === undefined ? '' : textOf(pem);
    },
    namespaceLabels: (name) => caches.namespaces.get(name)?.metadata.labels ?? {},
    selects: (selector, labels) => selectorFromObject(selector as LabelSelectorObject | undefined).matches(labels),
    servicePorts: (namespace, name) => caches.services.get(name, namespace)?.spec.ports?.map(({ port }) => port),
  };
}

const byAge = (a: ApiObject, b: ApiObject): number => {
  const [x, y] = [a.metadata, b.metadata];
  const key = ({ metadata }: ApiObject): string => `${metadata.namespace}/${metadata.name}`;
  return x.creationTimestamp === y.creationTimestamp ? (key(a) < key(b) ? -1 : 1) : x.creationTimestamp! < y.creationTimestamp! ? -1 : 1;
};

export class Controller {
  readonly #sys: Sys;
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #options: Options;
  readonly #plane: DataPlane;
  readonly #queue: Workqueue<string>;
  readonly #log: (message: string) => void;

  constructor(sys: Sys, client: Client, options: Options, log: (message: string) => void) {
    this.#sys = sys;
    this.#client = client;
    this.#options = options;
    this.#log = log;
    this.#caches = new Caches(sys, client);
    this.#plane = new DataPlane(sys);
    const reconcile = (): Call<void> => this.#reload();
    this.#queue = new Workqueue(sys.kernel, { name: 'gateway', workers: 1, restMs: reloadRestMs, reconcile });
    sys.own(() => this.#queue.stop());
    // Endpoints are looked up when a request comes; everything else is part of the configuration.
    const { slices, ...rest } = { slices: this.#caches.slices, all: this.#caches.all };
    for (const informer of rest.all) if ((informer as unknown) !== slices) informer.onChange(() => this.#queue.add('reload'));
  }

  get isReady(): boolean {
    return this.#caches.hasSynced;
  }

  start(): void {
    let waiting = this.#caches.all.length;
    for (const informer of this.#caches.all) {
      informer.onSync(() => --waiting === 0 && this.#begin());
      informer.start();
    }
  }

  #begin(): void {
    this.#queue.start();
    this.#queue.add('reload');
  }

  *#reload(): Call<void> {
    const { controllerName } = this.#options;
    const around = surroundings(this.#caches);
    const classes = [...this.#caches.classes.values()].filter(({ spec }) => spec.controllerName === controllerName);
    const names = new Set(classes.map(({ metadata }) => metadata.name));
    const own = [...this.#caches.gateways.values()].filter(({ spec }) => names.has(spec.gatewayClassName)).sort(byAge);
    const [winner, ...ignored] = own;
    const served = winner ? serveListeners(winner, around) : [];
    const routes: readonly AnyRoute[] = [...this.#caches.routes.values(), ...this.#caches.grpcRoutes.values()];
    const verdicts = [...routes].sort(byAge).map((route) => judgeRoute(route, { served, ignored, winner }, around));
    this.#plane.load({
      ports: this.#ports(served, verdicts, around),
      backends: (entry) => this.#backends(entry, around),
      mirrors: (entry) => this.#mirrors(entry, around),
    });
    yield* this.#writeClasses(classes);
    yield* this.#writeGateways(winner, ignored, served, verdicts);
    for (const verdict of verdicts) yield* this.#writeRoute(verdict);
  }

  #ports(served: readonly ServedListener[], verdicts: readonly RouteVerdict[], around: Surroundings): ReadonlyMap<number, Port> {
    const attachments = verdicts.flatMap((verdict) => verdict.attachments);
    const ports = new Map<number, { isTls: boolean; servers: Server[] }>();
    for (const one of served) {
      if (one.problem) continue;
      const { port, protocol, hostname = '' } = one.listener;
      const entry = ports.get(port) ?? { isTls: protocol === 'HTTPS', servers: [] };
      ports.set(port, entry);
      const [namespace, name] = (one.secret ?? '').split('/');
      const certificate = one.secret === undefined ? undefined : () => around.certificate(namespace!, name!) ?? '';
      entry.servers.push({ hostname, sites: sitesOf(attachments.filter((attachment) => attachment.served === one)), certificate });
    }
    return ports;
  }

  #backends({ route, rule }: Entry, around: Surroundings): readonly Backend[] {
    return (rule.backendRefs ?? []).map((ref) => this.#backend(ref, route, around));
  }

  #mirrors({ route, rule }: Entry, around: Surroundings): readonly Backend[] {
    return (rule.filters ?? []).flatMap(({ requestMirror }) =>
      requestMirror ? [this.#backend(requestMirror.backendRef, route, around)] : [],
    );
  }

  #backend(ref: BackendRef, route: AnyRoute, around: Surroundings): Backend {
    const namespace = ref.namespace ?? route.metadata.namespace!;
    const isUsable = !backendProblem(ref, route, '', around);
    const endpoints = isUsable ? () => this.#caches.endpoints(namespace, ref.name, ref.port) : undefined;
    return { weight: ref.weight ?? 1, name: `${namespace}/${ref.name}:${ref.port}`, endpoints };
  }

  *#writeClasses(classes: readonly GatewayClass[]): Call<void> {
    for (const one of classes) {
      const conditions = withTimes(classAccepted, one.status?.conditions, one.metadata.generation ?? 1, this.#now);
      yield* this.#write(gatewayClasses, one, { ...one, status: { conditions } });
    }
  }

  *#writeGateways(
    winner: Gateway | undefined,
    ignored: readonly Gateway[],
    served: readonly ServedListener[],
    verdicts: readonly RouteVerdict[],
  ): Call<void> {
    for (const one of ignored) {
      const conditions = withTimes(gatewayConflict, one.status?.conditions, one.metadata.generation ?? 1, this.#now);
      yield* this.#write(gateways, one, { ...one, status: { conditions } });
    }
    if (!winner) return;
    const generation = winner.metadata.generation ?? 1;
    const before = winner.status;
    const listeners = served.map((one) => ({
      name: one.listener.name,
      supportedKinds: supportedKinds(one.listener),
      attachedRoutes: verdicts.filter(({ attachments }) => attachments.some((attachment) => attachment.served === one)).length,
      conditions: withTimes(
        listenerFindings(one.problem),
        before?.listeners?.find(({ name }) => name === one.listener.name)?.conditions,
        generation,
        this.#now,
      ),
    }));
    const valid = served.filter(({ problem }) => !problem).length;
    const conditions = withTimes(gatewayFindings(valid, served.length), before?.conditions, generation, this.#now);
    yield* this.#write(gateways, winner, { ...winner, status: { addresses: this.#addresses(), conditions, listeners } });
  }

  #addresses(): readonly { readonly type: string; readonly value: string }[] {
    const { namespace, name } = this.#options.service;
    const service = this.#caches.services.get(name, namespace);
    const ingress = service?.status?.loadBalancer?.ingress ?? [];
    return ingress.flatMap(({ ip, hostname }) =>
      ip ? [{ type: 'IPAddress', value: ip }] : hostname ? [{ type: 'Hostname', value: hostname }] : [],
    );
  }

  *#writeRoute({ route, parents }: RouteVerdict): Call<void> {
    const { controllerName } = this.#options;
    const before = route.status?.parents ?? [];
    const others = before.filter((parent) => parent.controllerName !== controllerName);
    if (parents.length === 0 && others.length === before.length) return;
    const own = parents.map(({ ref, findings }): ParentStatus => {
      const old = before.find((parent) => parent.controllerName === controllerName && equal(parent.parentRef, ref));
      return {
        conditions: withTimes(findings, old?.conditions, route.metadata.generation ?? 1, this.#now),
        controllerName,
        parentRef: ref,
      };
    });
    const status = { parents: [...others, ...own] };
    if (isGrpcRoute(route)) yield* this.#write(grpcRoutes, route, { ...route, status });
    else yield* this.#write(httpRoutes, route, { ...route, status });
  }

  get #now(): string {
    return this.#sys.kernel.clock.timestamp();
  }

  *#write<T extends ApiObject & { readonly status?: unknown }>(kind: Kind<T>, before: T, next: T): Call<void> {
    if (equal(before.status, next.status)) return;
    try {
      yield* this.#client.updateStatus(kind, next);
      this.#log(`"Updated status" kind="${kind.kind}" namespace="${before.metadata.namespace ?? ''}" name="${before.metadata.name}"`);
    } catch (error) {
      // The next change brings another try.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
