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
import { familiesOf } from './families.ts';
import { contains, covers, ipOf, parseRange, pickOffset, staticBand } from './addresses.ts';
import type { Range } from './addresses.ts';

const kind = { group: '', kind: 'Service' };

/** Values that stored Services hold, found again when one changed. */
interface Taken {
  revision: number;
  ips: ReadonlySet<string>;
  ports: ReadonlySet<string>;
}

const portKey = (protocol: string | undefined, port: number): string => `${protocol ?? 'TCP'}/${port}`;

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
    const blocks = usable.flatMap(({ spec }) => spec?.cidrs ?? []).filter((block) => !block.includes(':'));
    // Before the server has written its own there is none.
    ranges = (stored.length > 0 ? blocks : [server.options.serviceCIDR ?? defaultServiceCIDR]).map(parseRange);
    return ranges;
  };
}

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
  const allocate = (service: Service, previous: Service | undefined): Service => {
    const addressed = withClusterIP(server, service, previous?.spec, refresh(), ranges());
    const ported = withNodePorts(server, addressed, previous, refresh(), lowPort, highPort);
    const spec = withHealthCheckPort(server, ported, previous?.spec, refresh(), lowPort, highPort);
    return spec === service.spec ? service : { ...service, spec };
  };
  return {
    beforeCreate: (_server, _request, object) => allocate(object as Service, undefined) as ApiObject,
    beforeUpdate: (_server, request, object, previous) =>
      request.subresource === '' ? (allocate(object as Service, previous as Service) as ApiObject) : object,
  };
}

function collect(services: readonly Service[]): Pick<Taken, 'ips' | 'ports'> {
  const ips = new Set<string>();
  const ports = new Set<string>();
  for (const { spec } of services) {
    for (const ip of spec?.clusterIPs ?? []) ips.add(ip);
    for (const { protocol, nodePort } of spec?.ports ?? []) if (nodePort) ports.add(portKey(protocol, nodePort));
    if (spec?.healthCheckNodePort) ports.add(portKey('TCP', spec.healthCheckNodePort));
  }
  return { ips, ports };
}

function refuse(service: Service, error: FieldError): Error {
  return invalid(kind, service.metadata.name, [error]);
}

function withClusterIP(
  server: ApiServer,
  service: Service,
  previous: ServiceSpec | undefined,
  { ips }: Taken,
  ranges: readonly Range[],
): Service {
  const { spec } = service;
  if (!spec || spec.type === 'ExternalName') return service;
  const families = familiesOf(spec);
  if (Array.isArray(families)) throw invalid(kind, service.metadata.name, families);
  const asked = spec.clusterIPs?.[0] ?? spec.clusterIP;
  if (asked === 'None') return { ...service, spec: { ...spec, ...families, clusterIP: 'None', clusterIPs: ['None'] } };
  if (asked && asked === previous?.clusterIP) return service;
  const isTaken = (ip: string): boolean => ips.has(ip) || server.store('ipaddresses', 'networking.k8s.io/v1').get('', ip) !== undefined;
  if (asked) {
    const range = ranges.find((one) => covers(one, asked));
    const why = !range
      ? `failed to allocate IP ${asked}: the provided network does not match the current range`
      : !contains(range, asked)
        ? `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range.text}`
        : isTaken(asked)
          ? `failed to allocate IP ${asked}: provided IP is already allocated`
          : undefined;
    if (why !== undefined) throw refuse(service, { type: 'FieldValueInvalid', field: 'spec.clusterIPs', badValue: [asked], detail: why });
    return { ...service, spec: { ...spec, ...families, clusterIP: asked, clusterIPs: [asked] } };
  }
  for (const range of ranges) {
    const band = staticBand(range.size, { divisor: 16, min: 16, max: 256 });
    const offset = pickOffset(
      range.size - 2,
      band,
      (limit) => server.kernel.random.below(limit),
      (candidate) => !isTaken(ipOf(range.first + 1 + candidate)),
    );
    if (offset === undefined) continue;
    const ip = ipOf(range.first + 1 + offset);
    return { ...service, spec: { ...spec, ...families, clusterIP: ip, clusterIPs: [ip] } };
  }
  throw internalError('failed to allocate a serviceIP: range is full');
}

function withNodePorts(
  server: ApiServer,
  service: Service,
  previous: Service | undefined,
  { ports }: Taken,
  low: number,
  high: number,
): ServiceSpec {
  const { spec } = service;
  const wants = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  if (!spec.ports) return spec;
  const own = new Set((previous?.spec?.ports ?? []).flatMap(({ protocol, nodePort }) => (nodePort ? [portKey(protocol, nodePort)] : [])));
  const given = new Set<string>();
  const size = high - low + 1;
  const band = nodePortBand(size);
  const next = spec.ports.map((port, i): ServicePort => {
    if (port.nodePort) {
      const key = portKey(port.protocol, port.nodePort);
      const why =
        port.nodePort < low || port.nodePort > high
          ? `provided port is not in the valid range. The range of valid ports is ${low}-${high}`
          : ports.has(key) && !own.has(key)
            ? 'provided port is already allocated'
            : undefined;
      if (why !== undefined && wants)
        throw refuse(service, { type: 'FieldValueInvalid', field: `spec.ports[${i}].nodePort`, badValue: port.nodePort, detail: why });
      given.add(key);
      return port;
    }
    if (!wants) return port;
    const isFree = (offset: number): boolean =>
      !ports.has(portKey(port.protocol, low + offset)) && !given.has(portKey(port.protocol, low + offset));
    const offset = pickOffset(size, band, (limit) => server.kernel.random.below(limit), isFree);
    if (offset === undefined) throw internalError('failed to allocate a nodePort: range is full');
    given.add(portKey(port.protocol, low + offset));
    return { ...port, nodePort: low + offset };
  });
  return next.every((port, i) => port === spec.ports![i]) ? spec : { ...spec, ports: next };
}

/** A port on which each node says whether it has endpoints: for load balancers that keep the client's address. */
function withHealthCheckPort(
  server: ApiServer,
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  { ports }: Taken,
  low: number,
  high: number,
): ServiceSpec {
  if (!spec || !needsHealthCheck(spec)) return spec;
  const own = new Set((spec.ports ?? []).map(({ protocol, nodePort }) => portKey(protocol, nodePort ?? 0)));
  const isTaken = (port: number): boolean => ports.has(portKey('TCP', port)) || own.has(portKey('TCP', port));
  const asked = spec.healthCheckNodePort;
  if (asked) {
    if (asked === previous?.healthCheckNodePort) return spec;
    const why =
      asked < low || asked > high
        ? `provided port is not in the valid range. The range of valid ports is ${low}-${high}`
        : isTaken(asked)
          ? 'provided port is already allocated'
          : undefined;
    if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${why}`);
    return spec;
  }
  const size = high - low + 1;
  const offset = pickOffset(
    size,
    nodePortBand(size),
    (limit) => server.kernel.random.below(limit),
    (one) => !isTaken(low + one),
  );
  if (offset === undefined) throw internalError('failed to allocate a HealthCheck NodePort 0: range is full');
  return { ...spec, healthCheckNodePort: low + offset };
}
