/** What an API server puts in place when it starts: namespaces, RBAC, priority classes, its own Service (pkg/controlplane, post-start hooks). */
import type { Endpoints, EndpointSlice } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { isAlreadyExists } from '../../../machinery/status-error.ts';
import { serviceCIDRs } from '../../../api/networking/service-cidr.ts';
import { loopbackUser } from '../authorization/loopback-user.ts';
import { bootstrapPolicy } from '../authorization/bootstrap-policy/index.ts';
import type { ApiSession } from '../endpoint.ts';
import type { ApiServer } from '../server.ts';
import { addressAt, parseRange } from '../services/addresses.ts';
import { defaultServiceCIDR } from '../services/hook.ts';
import { IPAddresses } from '../services/ip-addresses.ts';
import { openSessionAs } from '../session.ts';
import { repaired } from './rbac.ts';

const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

const rbac = 'rbac.authorization.k8s.io/v1';

/** pkg/apis/scheduling/helpers.go, systemPriorityClasses. */
const systemPriorityClasses = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/** Creates what is missing and leaves what is there. */
export function* bootstrap(server: ApiServer): Call<void> {
  const session = openSessionAs(server, loopbackUser, 'kube-apiserver');
  for (const name of systemNamespaces) yield* ensure(server, session, 'v1', 'namespaces', { metadata: { name } });
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy();
  for (const object of clusterRoles) yield* ensure(server, session, rbac, 'clusterroles', object, repaired);
  for (const object of clusterRoleBindings) yield* ensure(server, session, rbac, 'clusterrolebindings', object, repaired);
  for (const object of roles) yield* ensure(server, session, rbac, 'roles', object, repaired);
  for (const object of roleBindings) yield* ensure(server, session, rbac, 'rolebindings', object, repaired);
  for (const { name, value, description } of systemPriorityClasses) {
    yield* ensure(server, session, 'scheduling.k8s.io/v1', 'priorityclasses', {
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    });
  }
  yield* server.flowControl.ensure();
  yield* server.aggregator.registerBuiltIn();
  yield* publishServiceCIDR(server, session);
  server.ipAddresses = new IPAddresses(server, session);
  server.ipAddresses.start();
  if (server.options.advertiseAddress !== undefined) yield* publishService(server, session, server.options.advertiseAddress);
}

type Repair = (stored: ApiObject, expected: ApiObject) => ApiObject | undefined;

function* ensure(
  server: ApiServer,
  session: ApiSession,
  apiVersion: string,
  resource: string,
  object: unknown,
  repair?: Repair,
): Call<void> {
  const { descriptor } = server.registry.find(apiVersion, resource)!;
  const { name, namespace = '' } = (object as ApiObject).metadata;
  const stored = server.store(resource, apiVersion).get(namespace, name);
  if (stored) {
    const next = repair?.(stored, object as ApiObject);
    if (next) yield* session.call<ApiObject>({ verb: 'update', kind: descriptor, object: next });
    return;
  }
  try {
    yield* session.call<ApiObject>({ verb: 'create', kind: descriptor, object });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** The block that --service-cluster-ip-range names (pkg/controlplane/controller/defaultservicecidr). */
function* publishServiceCIDR(server: ApiServer, session: ApiSession): Call<void> {
  const name = 'kubernetes';
  const spec = { cidrs: (server.options.serviceCIDR ?? defaultServiceCIDR).split(',') };
  if (server.store('servicecidrs', 'networking.k8s.io/v1').get('', name)) return;
  yield* ensure(server, session, 'networking.k8s.io/v1', 'servicecidrs', { metadata: { name }, spec });
  const message = 'Kubernetes default Service CIDR is ready';
  const condition = { type: 'Ready', status: 'True', reason: '', message, lastTransitionTime: server.kernel.clock.timestamp() };
  const body = { status: { conditions: [condition] } };
  yield* session.call({
    verb: 'patch',
    kind: serviceCIDRs,
    name,
    subresource: 'status',
    patch: { type: 'application/merge-patch+json', body },
  });
}

/** The Service `kubernetes` and its endpoints (pkg/controlplane/controller/kubernetesservice). */
function* publishService(server: ApiServer, session: ApiSession, ip: string): Call<void> {
  const port = server.options.securePort ?? 6443;
  const firstIP = addressAt(parseRange((server.options.serviceCIDR ?? defaultServiceCIDR).split(',')[0]!), 0);
  yield* ensure(server, session, 'v1', 'services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { provider: 'kubernetes', component: 'apiserver' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: firstIP,
      clusterIPs: [firstIP],
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
  });
  const metadata = { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } };
  // Differs from Kubernetes: an API server replaces the addresses; with several, each would hold a lease on its own.
  yield* ensure(
    server,
    session,
    'v1',
    'endpoints',
    { metadata, subsets: [{ addresses: [{ ip }], ports: [{ name: 'https', port, protocol: 'TCP' }] }] },
    (stored, expected) => {
      const [found, wanted] = [stored as Endpoints, expected as Endpoints];
      return equal(found.subsets, wanted.subsets) ? undefined : { ...found, subsets: wanted.subsets };
    },
  );
  const sliceMetadata = { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } };
  const slice = {
    metadata: sliceMetadata,
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
  yield* ensure(server, session, 'discovery.k8s.io/v1', 'endpointslices', slice, (stored, expected) => {
    const [found, wanted] = [stored as EndpointSlice, expected as EndpointSlice];
    return equal(found.endpoints[0]?.addresses, wanted.endpoints[0]?.addresses) ? undefined : { ...found, endpoints: wanted.endpoints };
  });
}
