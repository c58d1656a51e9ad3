/** One node with a kubelet before a control plane for tests: no scheduler, Pods are bound by hand. */

import { events } from '../../api/core/event.ts';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import { serviceAccounts } from '../../api/core/service-account.ts';
import type { Event, Node, Pod } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { NodeMachine } from '../../cluster/node-machine.ts';
import { createNodeMachine } from '../../cluster/node-machine.ts';
import type { NodeSpec } from '../../cluster/spec.ts';
import { subnetsOf } from '../../cluster/subnets.ts';
import type { ApiEndpoint } from '../../control-plane/kube-apiserver/endpoint.ts';
import type { TestControlPlane } from '../../control-plane/kube-apiserver/testing.ts';
import { createTestControlPlane } from '../../control-plane/kube-apiserver/testing.ts';
import type { LabImage } from '../../images/index.ts';
import { buildImages, images, labImage } from '../../images/index.ts';
import type { Program } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import type { ApiObject, List } from '../../machinery/objects.ts';
import { parseImageReference, Registry } from '../container-runtime/index.ts';
import { Network } from '../network/index.ts';

export interface TestNode extends TestControlPlane {
  readonly node: NodeMachine;
  /** Creates a Pod on the node and returns it. */
  create(name: string, spec: Partial<Pod['spec']>, metadata?: Partial<Pod['metadata']>): Pod;
  /** Makes any object. */
  make(kind: Kind, object: object): void;
  /** Replaces any object. */
  replace(kind: Kind, object: ApiObject): void;
  pod(name: string): Pod | undefined;
  /** `reason: message` of the Events about an object, in their order. */
  events(name: string): string[];
  remove(name: string, gracePeriodSeconds?: number): void;
}

const configPath = '/var/lib/kubelet/config.yaml';
const kubeconfig = `apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://172.18.0.2:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
`;

export function createTestNode({
  seed = 1,
  programs = new Map(),
  labImages = [],
  spec = { name: 'node-1' },
  podCIDR = '10.244.1.0/24',
}: {
  readonly podCIDR?: string;
  readonly spec?: NodeSpec;
  readonly seed?: number;
  readonly programs?: ReadonlyMap<string, Program>;
  readonly labImages?: readonly LabImage[];
} = {}): TestNode {
  const plane = createTestControlPlane({ seed });
  const network = new Network(plane.kernel);
  const registry = new Registry();
  for (const definition of [...images, ...labImages.map((image) => labImage(image, parseImageReference(image.name)!.repository))])
    for (const image of buildImages(definition, programs)) registry.add(image);
  const server = network.addNode({ name: 'control-plane', ip: '172.18.0.2' });
  const endpoint: ApiEndpoint = {
    http: plane.endpoint.http,
    open: (_credential, agent) => plane.session('system:node:node-1', ['system:nodes'], agent),
  };
  server.namespace.listen(6443, { endpoint, isTls: true });
  const node = createNodeMachine({ kernel: plane.kernel, network, registry, programs, subnets: subnetsOf({}, 1) }, spec, {
    ip: '172.18.0.3',
  });
  node.machine.fs.writeFile('/etc/kubernetes/kubelet.conf', utf8(kubeconfig));
  // Whoever tests a kubelet may ask it.
  const open = textOf(node.machine.fs.readFile(configPath))
    .replace('enabled: false', 'enabled: true')
    .replace('mode: Webhook', 'mode: AlwaysAllow');
  node.machine.fs.writeFile(configPath, utf8(open));
  const make = (kind: Kind, object: object): ApiObject =>
    plane.run(plane.admin.call({ verb: 'create', kind, namespace: (object as ApiObject).metadata.namespace, object })) as ApiObject;
  make(serviceAccounts as unknown as Kind, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: 'default', name: 'default' },
  });
  node.systemd.boot();
  plane.advance(1000);
  const self = plane.run(plane.admin.call({ verb: 'get', kind: nodes, name: 'node-1' })) as Node;
  plane.run(
    plane.admin.call({
      verb: 'update',
      kind: nodes,
      name: 'node-1',
      object: { ...self, spec: { ...self.spec, podCIDR, podCIDRs: [podCIDR] } },
    }),
  );
  plane.advance(1000);
  return {
    ...plane,
    node,
    make,
    replace: (kind, object) =>
      void plane.run(plane.admin.call({ verb: 'update', kind, namespace: object.metadata.namespace, name: object.metadata.name, object })),
    create: (name, spec, metadata = {}) =>
      make(pods as unknown as Kind, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: { nodeName: 'node-1', automountServiceAccountToken: false, ...spec },
      }) as Pod,
    pod: (name) =>
      (plane.run(plane.admin.call({ verb: 'list', kind: pods, namespace: 'default' })) as List<Pod>).items.find(
        ({ metadata }) => metadata.name === name,
      ),
    events: (name) =>
      (plane.run(plane.admin.call({ verb: 'list', kind: events, namespace: 'default' })) as List<Event>).items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .map(({ reason, message }) => `${reason}: ${message}`),
    remove: (name, gracePeriodSeconds) =>
      void plane.run(plane.admin.call({ verb: 'delete', kind: pods, namespace: 'default', name, delete: { gracePeriodSeconds } })),
  };
}
