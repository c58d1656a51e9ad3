/** A control plane with controllers, for tests; Pods become ready when a test says so. */
import { events } from '../../api/core/event.ts';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { Client } from '../../client/index.ts';
import { clientOver, ensurePolicy } from '../../client/testing.ts';
import type { ApiObject, Draft } from '../../machinery/objects.ts';
import type { TestControlPlane } from '../kube-apiserver/testing.ts';
import { createTestControlPlane } from '../kube-apiserver/testing.ts';
import type { Controller, ControllerSettings } from './controller.ts';
import { runControllers } from './run-controllers.ts';
import { serviceAccountController } from './serviceaccount/index.ts';

export interface ControllerTest extends TestControlPlane {
  readonly client: Client;
  create<T extends ApiObject>(kind: Kind<T>, object: object): T;
  get<T extends ApiObject>(kind: Kind<T>, name: string, namespace?: string): T;
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[];
  /** Changes an object, or its status. */
  change<T extends ApiObject>(
    kind: Kind<T>,
    name: string,
    change: (object: T) => T,
    options?: { readonly subresource?: string; readonly namespace?: string },
  ): T;
  delete<T extends ApiObject>(kind: Kind<T>, name: string, options?: Parameters<Client['delete']>[2]): void;
  /** Says in a Pod's status that it runs and is ready, or not. */
  setReady(pod: Pod, isReady?: boolean): void;
  /** Texts of the Events about an object: `Normal ScalingReplicaSet Scaled up …`. */
  eventsOf(name: string): string[];
  /** Stops all controllers and starts them afresh, as after a crash. */
  restart(): void;
  /** Runs until nothing is left to do. */
  settle(): void;
}

const defaults: ControllerSettings = {
  clusterCIDR: '10.244.0.0/16',
  nodeCIDRMaskSize: 24,
  nodeCIDRMaskSizeIPv6: 64,
  serviceCIDR: '10.96.0.0/16',
  rootCA: 'the CA',
  signingAuthority: () => undefined,
  tokenKey: () => undefined,
  signingDurationMs: 365 * 86_400_000,
  nodeMonitorGracePeriodMs: 50_000,
  nodeMonitorPeriodMs: 5_000,
  terminatedPodGCThreshold: 12_500,
};

export function createControllerTest(controllers: readonly Controller[], settings: Partial<ControllerSettings> = {}): ControllerTest {
  const plane = createTestControlPlane();
  const { kernel, run } = plane;
  const client = clientOver(kernel, plane.admin);
  run(ensurePolicy(client));
  const clientAs = (name: string): Client =>
    clientOver(
      kernel,
      plane.session(
        `system:serviceaccount:kube-system:${name}`,
        ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
        'kube-controller-manager',
      ),
    );
  const informers = clientOver(kernel, plane.session('system:kube-controller-manager'), 'kube-controller-manager');
  // Without a service account no Pod may be created.
  const all = controllers.includes(serviceAccountController) ? controllers : [serviceAccountController, ...controllers];
  const start = (): (() => void) => runControllers(all, { kernel, client: informers, settings: { ...defaults, ...settings }, clientAs });
  let stop = start();
  const test: ControllerTest = {
    ...plane,
    client,
    create: (kind, object) => {
      const draft = {
        apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
        kind: kind.kind,
        ...object,
      } as unknown as Draft<ApiObject>;
      const metadata = kind.isNamespaced ? { namespace: 'default', ...draft.metadata } : draft.metadata;
      return run(client.create(kind as unknown as Kind, { ...draft, metadata })) as never;
    },
    get: (kind, name, namespace = 'default') => run(client.get(kind, kind.isNamespaced ? { namespace, name } : { name })),
    list: (kind, namespace) => run(client.list(kind, { namespace: kind.isNamespaced ? (namespace ?? 'default') : undefined })).items,
    change: (kind, name, change, { subresource, namespace } = {}) => {
      const stored = test.get(kind, name, namespace);
      return run(client.update(kind, change(stored), subresource === undefined ? undefined : { subresource }));
    },
    delete: (kind, name, options) => void run(client.delete(kind, kind.isNamespaced ? { namespace: 'default', name } : { name }, options)),
    setReady: (pod, isReady = true) => {
      const now = kernel.clock.timestamp();
      const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: now }];
      const status = { ...pod.status, phase: 'Running', podIP: '10.244.1.7', podIPs: [{ ip: '10.244.1.7' }], conditions };
      test.change(pods, pod.metadata.name, (stored) => ({ ...stored, status }), {
        subresource: 'status',
        namespace: pod.metadata.namespace!,
      });
    },
    eventsOf: (name) => eventTexts(test, name),
    restart: () => {
      stop();
      stop = start();
      test.settle();
    },
    settle: () => void kernel.loop.run({ untilSettled: true, untilMs: kernel.loop.now + 3_600_000 }),
  };
  test.settle();
  return test;
}

function eventTexts(test: ControllerTest, name: string): string[] {
  const { items } = test.run(test.client.list(events, {}));
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
}
