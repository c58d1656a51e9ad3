/**
 * The network plugin's agent on each node: lets through what NetworkPolicies allow, and drops the rest.
 *
 * - `networkPolicyAgent` is the program. It watches policies, and Pods and namespaces only while there is a policy, so that a
 *   cluster without one pays nothing; it programs the `PolicyTable` of its node.
 * - The table belongs to the node's kernel: it stays while no agent runs, and goes stale, as kube-proxy's rules do.
 * - A packet is judged on the node of the Pod that it leaves (after destination NAT) and of the one that it reaches (before source
 *   NAT). What is not allowed vanishes: the sender times out.
 * - Traffic between a Pod and its own node is always allowed (probes), and so is what a Pod sends to itself. Pods on the host's
 *   network have no policies, and peers see them as addresses.
 * - Only the first packet of a connection is judged, as this project does it (its README; Kubernetes leaves it to the plugin): what is
 *   established stays when a policy comes, and what hung in a SYN goes on when one goes.
 *
 * Invariants: policies are compiled once for all nodes; which of them hold for a Pod is found out once, and again when the policies
 * of its namespace or its own labels have changed.
 *
 * Deliberately absent: AdminNetworkPolicy, logs of what was dropped.
 */
export { networkPolicyAgent, PolicyEnforcer } from './agent.ts';
export { PolicyTable } from './policy-table.ts';
