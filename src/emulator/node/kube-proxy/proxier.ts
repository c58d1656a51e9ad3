import type { EndpointSlice, Service } from '../../api/generated/types.ts';
import type { Informer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { NodeNetwork } from '../network/index.ts';
import type { HealthServers } from './health-servers.ts';
import { cleanStaleFlows } from './conntrack.ts';
import type { ServicePort } from './service-port.ts';
import { compileService, localEndpoints } from './service-port.ts';
import type { ServiceTable } from './service-table.ts';

/** What iptables-restore takes for a few Services: the time from the start of a sync to the rules being there. */
const restoreMs = 20;
/** A proxy sees within this time that its rules are gone, and writes them anew. */
const syncPeriodMs = 30_000;

/** Every node's proxy looks at the same slices, so the text of each is made once. */
const serviceKeys = new WeakMap<EndpointSlice, string>();

const serviceOfSlice = (slice: EndpointSlice): string | undefined => {
  let key = serviceKeys.get(slice);
  if (key === undefined) {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (service === undefined) return undefined;
    serviceKeys.set(slice, (key = `${slice.metadata.namespace}/${service}`));
  }
  return key;
};

/**
 * Keeps a node's rule table as the API has its Services. Changes mark a Service; a sync, at most one a `minSyncPeriod`,
 * programs what is marked (pkg/proxy/runner/bounded_frequency_runner.go).
 */
export class Proxier {
  /** When rules were last programmed, undefined before the first time. */
  lastSyncMs: number | undefined;
  /** Since when a change waits for its sync, undefined when none does. */
  queuedMs: number | undefined;
  readonly #kernel: Kernel;
  readonly #table: ServiceTable;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #minSyncPeriodMs: number;
  readonly #health: HealthServers;
  readonly #onHints: () => void;
  readonly #onRestore: () => void;
  readonly #node: NodeNetwork;
  readonly #dirty = new Set<string>();
  #isStopped = false;

  constructor(
    kernel: Kernel,
    table: ServiceTable,
    informers: { readonly services: Informer<Service>; readonly slices: Informer<EndpointSlice> },
    options: {
      readonly minSyncPeriodMs: number;
      readonly health: HealthServers;
      /** Called when endpoints say for which zone they are meant. */
      readonly onHints: () => void;
      /** Called before rules that somebody removed are written anew. */
      readonly onRestore: () => void;
      /** Whose flows go stale. */
      readonly node: NodeNetwork;
    },
  ) {
    this.#kernel = kernel;
    this.#table = table;
    this.#services = informers.services;
    this.#slices = informers.slices;
    this.#minSyncPeriodMs = options.minSyncPeriodMs;
    this.#health = options.health;
    this.#onHints = options.onHints;
    this.#onRestore = options.onRestore;
    this.#node = options.node;
    table.onClear = () => kernel.loop.after(syncPeriodMs, () => this.#restore(), undefined, true);
    this.#slices.index(serviceOfSlice);
    this.#services.onChange(({ object }) => this.#mark(`${object.metadata.namespace}/${object.metadata.name}`));
    this.#slices.onChange(({ object, previous }) => {
      this.#mark(serviceOfSlice(object));
      if (previous) this.#mark(serviceOfSlice(previous));
    });
    this.#services.onSync(() => this.#schedule());
    this.#slices.onSync(() => this.#schedule());
  }

  stop(): void {
    this.#isStopped = true;
    this.#table.onClear = undefined;
  }

  #mark(key: string | undefined): void {
    if (key === undefined) return;
    this.#dirty.add(key);
    this.#schedule();
  }

  #restore(): void {
    if (this.#isStopped) return;
    this.#onRestore();
    for (const { metadata } of this.#services.values()) this.#mark(`${metadata.namespace}/${metadata.name}`);
  }

  #schedule(): void {
    if (this.queuedMs !== undefined || !this.#services.hasSynced || !this.#slices.hasSynced) return;
    const { now } = this.#kernel.loop;
    this.queuedMs = now;
    const waitMs = this.lastSyncMs === undefined ? 0 : Math.max(0, this.lastSyncMs + this.#minSyncPeriodMs - now);
    this.#kernel.loop.after(waitMs + restoreMs, sync, this);
  }

  sync(): void {
    if (this.#isStopped) return;
    // The first sync replaces what an earlier proxy left behind.
    if (this.lastSyncMs === undefined) for (const key of this.#table.serviceKeys) this.#dirty.add(key);
    for (const key of this.#dirty) this.#program(key);
    this.#dirty.clear();
    this.queuedMs = undefined;
    this.lastSyncMs = this.#kernel.loop.now;
  }

  #program(key: string): void {
    const slash = key.indexOf('/');
    const service = this.#services.get(key.slice(slash + 1), key.slice(0, slash));
    const slices = this.#slices.index(serviceOfSlice).get(key);
    const ports = service ? compileService(service, [...slices.values()]) : [];
    this.#table.program(key, ports);
    cleanStaleFlows(this.#node, ports);
    this.#health.sync(key, service, () => countLocal(ports, this.#table.nodeName));
    if (ports.some(({ hasHints }) => hasHints)) this.#onHints();
  }
}

/** Addresses on this node that the Service has an endpoint at. */
function countLocal(ports: readonly ServicePort[], nodeName: string): number {
  return new Set(ports.flatMap((port) => localEndpoints(port, nodeName).map(({ ip }) => ip))).size;
}

const sync = (proxier: Proxier): void => proxier.sync();
