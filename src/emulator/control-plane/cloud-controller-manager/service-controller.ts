import { nodes } from '../../api/core/node.ts';
import { services } from '../../api/core/service.ts';
import type { Node, Service } from '../../api/generated/types.ts';
import type { Change, Client } from '../../client/index.ts';
import { EventRecorder, Informer, Workqueue } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { equal } from '../../machinery/equality.ts';
import { isNotFound } from '../../machinery/status-error.ts';
import type { CloudLoadBalancers } from './cloud.ts';

/** Keeps a Service until its load balancer is gone. */
const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** minRetryDelay and maxRetryDelay of the controller. */
const retry = { firstMs: 5000, mostMs: 300_000 };
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>;

const keyOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;
/** DefaultLoadBalancerName of k8s.io/cloud-provider/cloud.go. */
const nameOf = ({ metadata }: Service): string => `a${metadata.uid.replaceAll('-', '')}`.slice(0, 32);
const wantsBalancer = ({ spec }: Service): boolean => spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(finalizer) ?? false;
const needsCleanup = (service: Service): boolean =>
  hasFinalizer(service) && (service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer');

/** Fields that a load balancer depends on, in upstream's order: the reason of the event that tells of the change, and the field's text. */
const watched: readonly (readonly [reason: string, text: (spec: Service['spec']) => string])[] = [
  ['LoadBalancerSourceRanges', ({ loadBalancerSourceRanges }) => `[${(loadBalancerSourceRanges ?? []).join(' ')}]`],
  ['LoadbalancerIP', ({ loadBalancerIP }) => loadBalancerIP ?? ''],
  ['ExternalTrafficPolicy', ({ externalTrafficPolicy }) => externalTrafficPolicy ?? ''],
  ['HealthCheckNodePort', ({ healthCheckNodePort }) => String(healthCheckNodePort ?? 0)],
];

/** A node that may take traffic from outside (nodeIncludedPredicate, nodeUnTaintedPredicate, nodeReadyPredicate). */
function mayTakeTraffic({ metadata, spec, status }: Node): boolean {
  if (metadata.labels?.[excludeLabel] !== undefined || spec?.taints?.some(({ key }) => key === toBeDeletedTaint)) return false;
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** Sees to the load balancers of Services. */
export class ServiceController {
  readonly #client: Client;
  readonly #cloud: CloudLoadBalancers;
  readonly #recorder: EventRecorder;
  readonly #services: Informer<Service>;
  readonly #nodes: Informer<Node>;
  readonly #queue: Workqueue<string>;
  /** Services as they were when their load balancer was last seen to. */
  readonly #ensured = new Map<string, Service>();
  /** How often in a row the cloud refused. */
  readonly #failures = new Map<string, number>();
  readonly #available = new Set<string>();

  constructor(kernel: Kernel, client: Client, cloud: CloudLoadBalancers) {
    this.#client = client;
    this.#cloud = cloud;
    this.#recorder = new EventRecorder(kernel, client, { component: 'service-controller' });
    this.#services = new Informer(kernel, client, services);
    this.#nodes = new Informer(kernel, client, nodes);
    this.#queue = new Workqueue(kernel, { name: 'service', workers: 1, reconcile: (key: string) => this.#reconcile(key) });
    this.#services.onChange((change) => this.#serviceChanged(change));
    this.#nodes.onChange((change) => this.#nodeChanged(change));
    this.#nodes.onSync(() => this.#queue.start());
  }

  start(): void {
    this.#services.start();
  }

  stop(): void {
    this.#queue.stop();
    this.#services.stop();
    this.#nodes.stop();
    this.#recorder.stop();
  }

  #serviceChanged({ type, object, previous }: Change<Service>): void {
    if (type === 'DELETED') {
      this.#ensured.delete(keyOf(object));
      this.#failures.delete(keyOf(object));
      return;
    }
    const isWanted = previous ? this.#needsUpdate(previous, object) : wantsBalancer(object);
    if (!isWanted && !needsCleanup(object)) return;
    // The first Service that wants a load balancer makes the nodes interesting; until they are known, it waits.
    this.#nodes.start();
    this.#queue.add(keyOf(object));
  }

  /** Whether the load balancer is to be another; says in an event what changed first (needsUpdate). */
  #needsUpdate(previous: Service, next: Service): boolean {
    const [wanted, wants] = [wantsBalancer(previous), wantsBalancer(next)];
    if (!wanted && !wants) return false;
    const [before, after] = [previous.spec, next.spec];
    if (wanted !== wants) {
      this.#recorder.normal(next, 'Type', `${before.type} -> ${after.type}`);
      return true;
    }
    for (const [reason, text] of watched) {
      const [from, to] = [text(before), text(after)];
      if (from === to) continue;
      this.#recorder.normal(next, reason, `${from} -> ${to}`);
      return true;
    }
    const annotations = equal(previous.metadata.annotations, next.metadata.annotations);
    if (!annotations || !equal(before.ports, after.ports) || before.sessionAffinity !== after.sessionAffinity) return true;
    const [from, to] = [before.ipFamilies?.length ?? 0, after.ipFamilies?.length ?? 0];
    if (from !== to) this.#recorder.normal(next, 'IPFamilies', `Count: ${from} -> ${to}`);
    return from !== to;
  }

  #nodeChanged({ type, object }: Change<Node>): void {
    const { name } = object.metadata;
    const isAvailable = type !== 'DELETED' && mayTakeTraffic(object);
    if (isAvailable === this.#available.has(name)) return;
    if (isAvailable) this.#available.add(name);
    else this.#available.delete(name);
    for (const service of this.#ensured.values()) {
      this.#cloud.setNodes(nameOf(service), [...this.#available]);
      if (this.#available.size === 0) this.#warnOfNoNodes(service);
      else this.#recorder.normal(service, 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
    }
  }

  *#reconcile(key: string): Call<void> {
    const slash = key.indexOf('/');
    const service = this.#services.get(key.slice(slash + 1), key.slice(0, slash));
    if (!service) return;
    if (!wantsBalancer(service) || needsCleanup(service)) yield* this.#remove(key, service);
    else yield* this.#ensure(key, service);
  }

  *#ensure(key: string, service: Service): Call<void> {
    this.#recorder.normal(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
    if (!hasFinalizer(service)) yield* this.#setFinalizers(service, [...(service.metadata.finalizers ?? []), finalizer]);
    if (this.#available.size === 0) this.#warnOfNoNodes(service);
    const { ports = [], loadBalancerIP, healthCheckNodePort, ipFamilies = ['IPv4'] } = service.spec;
    const made = yield* this.#cloud.ensure(nameOf(service), {
      ports: ports.map(({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`),
      nodes: [...this.#available],
      families: ipFamilies as readonly ('IPv4' | 'IPv6')[],
      ip: loadBalancerIP || undefined,
      healthCheckPort: healthCheckNodePort || undefined,
    });
    if ('error' in made) {
      this.#recorder.warning(
        service,
        'SyncLoadBalancerFailed',
        `Error syncing load balancer: failed to ensure load balancer: ${made.error}`,
      );
      // What the cloud refuses now it may grant later.
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.#queue.addAfter(key, Math.min(retry.firstMs * 2 ** failures, retry.mostMs), true);
      return;
    }
    this.#failures.delete(key);
    this.#recorder.normal(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
    this.#ensured.set(key, service);
    yield* this.#setStatus(
      service,
      made.ips.map((ip) => ({ ip, ipMode: 'VIP' })),
    );
  }

  *#remove(key: string, service: Service): Call<void> {
    if (this.#cloud.has(nameOf(service))) {
      this.#recorder.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer');
      yield* this.#cloud.delete(nameOf(service));
    }
    this.#ensured.delete(key);
    if (hasFinalizer(service)) {
      const left = service.metadata.finalizers!.filter((name) => name !== finalizer);
      yield* this.#setFinalizers(service, left);
    }
    this.#recorder.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer');
    yield* this.#setStatus(service, undefined);
  }

  #warnOfNoNodes(service: Service): void {
    this.#recorder.warning(service, 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
  }

  /** Finalizers go in by the status, as upstream patches them. */
  #setFinalizers(service: Service, finalizers: readonly string[]): Call<void> {
    return this.#patch(service, { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } });
  }

  *#setStatus(service: Service, ingress: Ingress | undefined): Call<void> {
    if (!equal(service.status?.loadBalancer?.ingress, ingress))
      yield* this.#patch(service, { status: { loadBalancer: { ingress: ingress ?? null } } });
  }

  *#patch(service: Service, body: object): Call<void> {
    try {
      yield* this.#client.patch(services, service.metadata, { type: 'application/merge-patch+json', body }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
