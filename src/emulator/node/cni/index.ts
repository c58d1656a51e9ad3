/**
 * Pod network plugins: who gets which address, and how a Pod's namespace hangs on its node.
 *
 * - The container runtime loads the first file of /etc/cni/net.d and calls `add` for a sandbox, `del` when it goes.
 * - No two Pods of a cluster share an address at any time, since every node has its own block and gives it out once.
 * - Attaching only plugs a namespace into the bridge; Services are kube-proxy's, names are CoreDNS's.
 *
 * - Plugins: bridge, which the runtime sets up from a template of its own; flannel and calico, whose daemons come as DaemonSets
 *   (`addons/pod-network/`). A daemon sets up the node's `podNetwork`, the plugin only adds Pods to it.
 *
 * NetworkPolicies are enforced by the agent in `node/network-policy/`, on the nodes on which it runs.
 *
 * Deliberately absent: bandwidth limits.
 */
export { createBridge } from './bridge.ts';
export * from './config.ts';
export * from './plugin.ts';
