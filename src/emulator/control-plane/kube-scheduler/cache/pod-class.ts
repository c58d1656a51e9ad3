import type { Container, Pod, PodSpec } from '../../../api/generated/types.ts';
import { milliValue, quantityValue } from '../../../machinery/quantity.ts';
import type { TopologyCounter } from './topology-counter.ts';

/** What scoring counts for a container that requests nothing (pkg/scheduler/util/pod_resources.go). */
const defaultRequest = { cpuMilli: 100, memoryBytes: 200 * 1024 * 1024 };

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export interface ResourceRequest {
  readonly name: string;
  readonly amount: number;
}

/**
 * What placing a Pod depends on beside its name, found once for all Pods of a template: they share the parts of their spec,
 * and the identity of those parts finds the class. Per-Pod work is then arithmetic.
 */
export interface PodClass {
  /** A Pod of the class. */
  readonly pod: Pod;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** All that it requests and that is not 0. */
  readonly requests: readonly ResourceRequest[];
  /** Requests with a default where there is none: what scoring counts. */
  readonly scoredCpuMilli: number;
  readonly scoredMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  readonly images: readonly string[];
  /** Counters that its Pods add to, among the first `generation` of the cache. */
  readonly counters: TopologyCounter[];
  generation: number;
}

/** All that a Pod requests, by resource: CPU in thousandths. */
export const podRequestsOf = ({ spec }: Pod): ReadonlyMap<string, number> => podRequests(spec, ({ resources }) => resources?.requests);

/** Reduces a Pod to its class. */
export function classOf(pod: Pod): PodClass {
  const { spec } = pod;
  const total = podRequests(spec, (container) => container.resources?.requests);
  const scored = podRequests(spec, (container) => withDefaults(container));
  const requests: ResourceRequest[] = [];
  for (const [name, amount] of total) if (amount > 0) requests.push({ name, amount });
  return {
    pod,
    cpuMilli: total.get('cpu') ?? 0,
    memoryBytes: total.get('memory') ?? 0,
    requests,
    scoredCpuMilli: scored.get('cpu') ?? 0,
    scoredMemoryBytes: scored.get('memory') ?? 0,
    hostPorts: hostPortsOf(pod),
    images: [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => normalizedImage(image ?? '')),
    counters: [],
    generation: 0,
  };
}

/** The ports of the node that a Pod asks for. Sidecars among the init containers count too, since they stay. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const found: HostPort[] = [];
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  for (const { ports } of sidecars.length > 0 ? [...spec.containers, ...sidecars] : spec.containers) {
    for (const { hostPort, hostIP, protocol } of ports ?? []) {
      if (hostPort) found.push({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort });
    }
  }
  return found;
}

type Requests = Readonly<Record<string, string>> | undefined;

function withDefaults(container: Container): Requests {
  const requests = container.resources?.requests;
  return {
    ...requests,
    cpu: requests?.cpu ?? `${defaultRequest.cpuMilli}m`,
    memory: requests?.memory ?? String(defaultRequest.memoryBytes),
  };
}

const amountOf = (name: string, quantity: string): number => (name === 'cpu' ? milliValue(quantity) : quantityValue(quantity));

function add(to: Map<string, number>, requests: Requests): void {
  for (const name in requests) to.set(name, (to.get(name) ?? 0) + amountOf(name, requests[name]!));
}

/**
 * Containers and sidecars run together; an ordinary init container runs with the sidecars before it only, so the larger of
 * both counts (component-helpers/resource, PodRequests). Requests of the Pod itself take the place of the sum.
 */
function podRequests(spec: PodSpec, requestsOf: (container: Container) => Requests): Map<string, number> {
  const total = new Map<string, number>();
  for (const container of spec.containers) add(total, requestsOf(container));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(total, requestsOf(container));
      add(sidecars, requestsOf(container));
      for (const [name, amount] of sidecars) peak.set(name, Math.max(peak.get(name) ?? 0, amount));
      continue;
    }
    const alone = new Map(sidecars);
    add(alone, requestsOf(container));
    for (const [name, amount] of alone) peak.set(name, Math.max(peak.get(name) ?? 0, amount));
  }
  for (const [name, amount] of peak) total.set(name, Math.max(total.get(name) ?? 0, amount));
  const ofPod = spec.resources?.requests;
  for (const name in ofPod) total.set(name, amountOf(name, ofPod[name]!));
  add(total, spec.overhead);
  return total;
}

/** An image name with a tag, as nodes report it. */
export function normalizedImage(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}
