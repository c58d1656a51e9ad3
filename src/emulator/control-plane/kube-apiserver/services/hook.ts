/**
 * What a Service gets when it is written: cluster addresses and node ports, from what other Services have not.
 * Upstream: pkg/registry/core/service/storage/{alloc,storage}.go.
 *
 * Which values are taken is read from the stored Services themselves, so nothing has to be repaired after a crash.
 */
import { needsHealthCheck } from '../../../api/core/service-update.ts';
import type { Service, ServiceCIDR, ServicePort, ServiceSpec } from '../../../api/generated/types.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { internalError, invalid } from '../../../machinery/status-error.ts';
import type { ResourceHook } from '../hooks.ts';
import type { ApiServer } from '../server.ts';
import { addressAt, contains, covers, familyOf, parseRange, pickOffset, staticBand } from './addresses.ts';
import type { IPFamily, Range } from './addresses.ts';
import { withFamilies } from './families.ts';

const kind = { group: '', kind: 'Service' };

/** Values that stored Services hold, found again when one changed. */
interface Taken {
  revision: number;
  ips: ReadonlySet<string>;
  ports: ReadonlySet<number>;
}

/** --service-cluster-ip-range unless the flag says otherwise. */
export const defaultServiceCIDR = '10.96.0.0/16';

/** The blocks of all ServiceCIDRs that are ready and stay; found again when one of them changed. */
function rangesOf(server: ApiServer): () => readonly Range[] {
  let [revision, ranges] = [-1, [] as readonly Range[]];
  return () => {
    const { keyspace } = server.store('servicecidrs', 'networking.k8s.io/v1');
    if (keyspace.revision === revision) return ranges;
    revision = keyspace.revision;
    const stored = keyspace.list().map(({ value }) => value as ServiceCIDR);
    const usable = stored.filter(({ metadata, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return !metadata.deletionTimestamp && (!ready || ready.status === 'True');
    });
    const blocks = usable.flatMap(({ spec }) => spec?.cidrs ?? []);
    // Before the server has written its own there is none.
    ranges = (stored.length > 0 ? blocks : (server.options.serviceCIDR ?? defaultServiceCIDR).split(',')).map(parseRange);
    return ranges;
  };
}

/** After which a dry run counts where the Service has no port yet (PortAllocationOperation of portallocator/operation.go). */
const dryRunPort = 32_768;

const nodePortBand = (size: number): number => staticBand(size, { divisor: 32, min: 16, max: 128 });

export function serviceHook(server: ApiServer): ResourceHook {
  const ranges = rangesOf(server);
  const [lowPort, highPort] = server.options.nodePortRange ?? [30_000, 32_767];
  const taken: Taken = { revision: -1, ips: new Set(), ports: new Set() };
  const refresh = (): Taken => {
    const { keyspace } = server.store('services');
    if (keyspace.revision !== taken.revision)
      Object.assign(taken, { revision: keyspace.revision, ...collect(keyspace.list().map(({ value }) => value as Service)) });
    return taken;
  };
  const allocate = (service: Service, previous: Service | undefined, isDryRun: boolean): Service => {
    const addressed = withClusterIPs(service, previous?.spec, { server, ips: refresh().ips, ranges: ranges(), isDryRun });
    const ports: PortPool = { server, taken: refresh().ports, low: lowPort, high: highPort, isDryRun };
    const ported = withNodePorts(addressed, previous, ports);
    const spec = withHealthCheckPort(ported, previous?.spec, ports);
    return spec === service.spec ? service : { ...service, spec };
  };
  return {
    beforeCreate: (_server, request, object) => allocate(object as Service, undefined, request.isDryRun) as ApiObject,
    beforeUpdate: (_server, request, object, previous) =>
      request.subresource === '' ? (allocate(object as Service, previous as Service, request.isDryRun) as ApiObject) : object,
  };
}

function collect(services: readonly Service[]): Pick<Taken, 'ips' | 'ports'> {
  const ips = new Set<string>();
  const ports = new Set<number>();
  for (const { spec } of services) {
    for (const ip of spec?.clusterIPs ?? []) ips.add(ip);
    for (const { nodePort } of spec?.ports ?? []) if (nodePort) ports.add(nodePort);
    if (spec?.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  }
  return { ips, ports };
}

function refuse(service: Service, error: FieldError): Error {
  return invalid(kind, service.metadata.name, [error]);
}

interface Pool {
  readonly server: ApiServer;
  readonly ips: ReadonlySet<string>;
  readonly ranges: readonly Range[];
  /** Nothing is looked for then, since nothing is kept: upstream's allocators answer with a number that shows it. */
  readonly isDryRun: boolean;
}

interface PortPool {
  readonly server: ApiServer;
  readonly taken: ReadonlySet<number>;
  readonly low: number;
  readonly high: number;
  /** As of addresses. Upstream does not look at the range then. */
  readonly isDryRun: boolean;
}

/** The families of the cluster, the one of --service-cluster-ip-range's first block first. */
const familiesOf = (server: ApiServer): readonly IPFamily[] => (server.options.serviceCIDR ?? defaultServiceCIDR).split(',').map(familyOf);

function withClusterIPs(service: Service, previous: ServiceSpec | undefined, pool: Pool): Service {
  const { spec } = service;
  if (!spec || spec.type === 'ExternalName') return service;
  const settled = withFamilies(spec, previous, familiesOf(pool.server));
  if ('errors' in settled) throw invalid(kind, service.metadata.name, settled.errors);
  const next = settled.spec;
  if (next === spec || next.clusterIPs?.[0] === 'None') return { ...service, spec: next };
  const known = previous?.type === 'ExternalName' ? [] : (previous?.clusterIPs ?? []);
  // Of an update only the second address may be new, or go.
  if (known.length > 0 && next.ipFamilies!.length <= known.length) return { ...service, spec: next };
  const clusterIPs = next.ipFamilies!.map((family, i) => {
    const asked = next.clusterIPs?.[i];
    if (asked && asked === known[i]) return asked;
    return asked ? granted(service, next, asked, pool) : freeAddress(family, pool);
  });
  return { ...service, spec: { ...next, clusterIP: clusterIPs[0], clusterIPs } };
}

const isTaken = ({ server, ips }: Pool, ip: string): boolean =>
  ips.has(ip) || server.store('ipaddresses', 'networking.k8s.io/v1').get('', ip) !== undefined;

/** An address that somebody asked for. */
function granted(service: Service, { clusterIPs }: ServiceSpec, asked: string, pool: Pool): string {
  const range = pool.ranges.find((one) => covers(one, asked));
  const why = !range
    ? `failed to allocate IP ${asked}: the provided network does not match the current range`
    : !contains(range, asked)
      ? `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range.text}`
      : !pool.isDryRun && isTaken(pool, asked)
        ? `failed to allocate IP ${asked}: provided IP is already allocated`
        : undefined;
  if (why !== undefined) throw refuse(service, { type: 'FieldValueInvalid', field: 'spec.clusterIPs', badValue: clusterIPs, detail: why });
  return asked;
}

function freeAddress(family: string, pool: Pool): string {
  for (const range of pool.ranges) {
    if (range.family !== family) continue;
    if (pool.isDryRun) return addressAt(range, -1);
    const band = staticBand(range.size, { divisor: 16, min: 16, max: 256 });
    const offset = pickOffset(
      range.usable,
      band,
      (limit) => pool.server.kernel.random.below(limit),
      (candidate) => !isTaken(pool, addressAt(range, candidate)),
    );
    if (offset !== undefined) return addressAt(range, offset);
  }
  throw internalError('failed to allocate a serviceIP: range is full');
}

/** Why a port that was asked for is not given. */
function portComplaint(port: number, { low, high, isDryRun }: PortPool, isTaken: (port: number) => boolean): string | undefined {
  if (!isDryRun && (port < low || port > high))
    return `provided port is not in the valid range. The range of valid ports is ${low}-${high}`;
  return isTaken(port) ? 'provided port is already allocated' : undefined;
}

/** A port that nobody has, nor is about to have. */
function freePort({ server, taken, low, high, isDryRun }: PortPool, given: ReadonlySet<number>): number | undefined {
  if (isDryRun) return Math.max(...(given.size > 0 ? given : [dryRunPort])) + 1;
  const size = high - low + 1;
  const isFree = (offset: number): boolean => !taken.has(low + offset) && !given.has(low + offset);
  const offset = pickOffset(size, nodePortBand(size), (limit) => server.kernel.random.below(limit), isFree);
  return offset === undefined ? undefined : low + offset;
}

/** Node ports are taken by their number, whatever the protocol; one Service may use a number for several protocols of the same port. */
function withNodePorts(service: Service, previous: Service | undefined, pool: PortPool): ServiceSpec {
  const { spec } = service;
  if (!spec.ports || (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer')) return spec;
  const allocates = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
  const own = new Set((previous?.spec?.ports ?? []).flatMap(({ nodePort }) => nodePort ?? []));
  const given = new Set<number>();
  const take = (wanted: number, i: number): number => {
    const why = portComplaint(wanted, pool, (port) => pool.taken.has(port) && !own.has(port));
    if (why !== undefined)
      throw refuse(service, { type: 'FieldValueInvalid', field: `spec.ports[${i}].nodePort`, badValue: wanted, detail: why });
    given.add(wanted);
    return wanted;
  };
  const draw = (): number => {
    const port = freePort(pool, given);
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    given.add(port);
    return port;
  };
  /** On creation ports of the same number share their node port. */
  const shared = new Map<number, number>();
  const next = spec.ports.map((port, i): ServicePort => {
    if (!port.nodePort && !allocates) return port;
    const asked = port.nodePort || (previous ? undefined : (shared.get(port.port) ?? requestedFor(port.port, spec.ports!)));
    const nodePort = asked ? (given.has(asked) ? asked : take(asked, i)) : draw();
    if (!shared.has(port.port)) shared.set(port.port, nodePort);
    return port.nodePort === nodePort ? port : { ...port, nodePort };
  });
  return next.every((port, i) => port === spec.ports![i]) ? spec : { ...spec, ports: next };
}

/** What somebody asked for with another protocol of the same port. */
function requestedFor(port: number, ports: readonly ServicePort[]): number | undefined {
  return ports.find((other) => other.port === port && other.nodePort)?.nodePort;
}

/** A port on which each node says whether it has endpoints: for load balancers that keep the client's address. */
function withHealthCheckPort(spec: ServiceSpec, previous: ServiceSpec | undefined, pool: PortPool): ServiceSpec {
  if (!spec || !needsHealthCheck(spec)) return spec;
  const own = new Set((spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
  const asked = spec.healthCheckNodePort;
  if (asked) {
    if (asked === previous?.healthCheckNodePort) return spec;
    const why = portComplaint(asked, pool, (port) => pool.taken.has(port) || own.has(port));
    if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${why}`);
    return spec;
  }
  const port = freePort(pool, own);
  if (port === undefined) throw internalError('failed to allocate a HealthCheck NodePort 0: range is full');
  return { ...spec, healthCheckNodePort: port };
}
