/** What an API server puts in place when it starts: namespaces, RBAC, priority classes, its own Service (pkg/controlplane, post-start hooks). */
import type { Call } from '../../../kernel/index.ts';
import { serviceCIDRs } from '../../../api/networking/service-cidr.ts';
import { loopbackUser } from '../authorization/loopback-user.ts';
import { bootstrapPolicy } from '../authorization/bootstrap-policy/index.ts';
import type { ApiSession } from '../endpoint.ts';
import type { ApiServer } from '../server.ts';
import { addressAt, familyOf, parseRange } from '../services/addresses.ts';
import { defaultServiceCIDR } from '../services/hook.ts';
import { IPAddresses } from '../services/ip-addresses.ts';
import { openSessionAs } from '../session.ts';
import { OwnEndpoints } from './endpoints.ts';
import { ensure } from './ensure.ts';
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
      ipFamilies: [familyOf(firstIP)],
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
  });
  yield* new OwnEndpoints(server, session, ip).start();
}
