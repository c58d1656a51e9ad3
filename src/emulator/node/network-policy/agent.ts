import { namespaces } from '../../api/core/namespace.ts';
import { pods } from '../../api/core/pod.ts';
import type { NetworkPolicy, Pod } from '../../api/generated/types.ts';
import { networkPolicies } from '../../api/networking/network-policy.ts';
import type { Client } from '../../client/index.ts';
import { connectClient, Informer } from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { componentConfig, componentFlags, fail } from '../../control-plane/component-base/start.ts';
import type { Kernel, Program } from '../../kernel/index.ts';
import type { NodeNetwork } from '../network/index.ts';
import { Namespace } from '../network/index.ts';
import { PolicyTable } from './policy-table.ts';

const flagTypes: FlagTypes = { kubeconfig: 'string', v: 'integer' };

/** How often a node looks whether it has its block of Pod addresses: before that there is no Pod to protect. */
const pollMs = 1000;

const namespaceOf = ({ metadata }: NetworkPolicy): string => metadata.namespace!;

interface Watching {
  readonly table: PolicyTable;
  start(): void;
  stop(): void;
}

/** Keeps a node's table as the API has its policies, between `start` and `stop`; what it has set up stays. */
export class PolicyEnforcer {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #node: NodeNetwork;
  readonly #policies: Informer<NetworkPolicy>;
  /** What is watched while there are policies. */
  #watching: Watching | undefined;

  constructor(kernel: Kernel, client: Client, node: NodeNetwork) {
    this.#kernel = kernel;
    this.#client = client;
    this.#node = node;
    this.#policies = new Informer(kernel, client, networkPolicies);
    this.#policies.index(namespaceOf);
    this.#policies.onChange(({ object }) => this.#changed(namespaceOf(object)));
    this.#policies.onSync(() => this.#follow());
  }

  start(): void {
    this.#node.enforcesPolicies = true;
    this.#policies.start();
  }

  stop(): void {
    this.#policies.stop();
    this.#watching?.stop();
  }

  #changed(namespace: string): void {
    this.#watching?.table.forget(namespace);
    if (this.#policies.hasSynced) this.#follow();
  }

  /** Begins to watch with the first policy, and ends with the last. */
  #follow(): void {
    if (this.#policies.size === 0) {
      this.#watching?.stop();
      this.#watching = undefined;
      this.#node.policy = undefined;
    } else if (!this.#watching) {
      this.#watching = this.#watch();
      this.#watching.start();
    }
  }

  #watch(): Watching {
    const podInformer = new Informer(this.#kernel, this.#client, pods);
    const namespaceInformer = new Informer(this.#kernel, this.#client, namespaces);
    const podOf = (fullName: string): Pod | undefined => {
      const slash = fullName.indexOf('/');
      return podInformer.get(fullName.slice(slash + 1), fullName.slice(0, slash));
    };
    const policies = this.#policies.index(namespaceOf);
    const table = new PolicyTable(this.#node, {
      podOf,
      // The plugin knows who has an address from the moment it gave it out; a Pod's status tells it only later.
      podByIP: (ip) => {
        const peer = this.#node.network.nodeOf(ip)?.podAt(ip);
        return peer && podOf(peer.name);
      },
      namespaceLabels: (namespace) => namespaceInformer.get(namespace)?.metadata.labels,
      policies: (namespace) => policies.get(namespace).values(),
    });
    // A table that is half filled would drop what is allowed.
    podInformer.onSync(() =>
      namespaceInformer.onSync(() => {
        if (this.#watching?.table === table) this.#node.policy = table;
      }),
    );
    return {
      table,
      start() {
        namespaceInformer.start();
        podInformer.start();
      },
      stop() {
        podInformer.stop();
        namespaceInformer.stop();
      },
    };
  }
}

/** `kube-network-policies`: enforces policies on the node that its network namespace belongs to. */
export const networkPolicyAgent: Program = function* (sys) {
  const config = componentConfig(sys, componentFlags(sys, flagTypes));
  const { kernel, net } = sys;
  if (!(net instanceof Namespace)) throw new Error('the agent needs the wire');
  if (!net.isRoot) return fail(sys, 'the network namespace of the node is needed');
  while (!net.node.hasPodBlock) yield* sys.sleep(pollMs);
  const client = connectClient({ kernel, net, ...config, agent: 'kube-network-policies' });
  const enforcer = new PolicyEnforcer(kernel, client, net.node);
  sys.own(() => client.close());
  sys.own(() => enforcer.stop());
  enforcer.start();
  yield* sys.pause();
  return 0;
};
