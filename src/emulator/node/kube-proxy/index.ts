/**
 * kube-proxy, mode iptables: turns Services and EndpointSlices into the rules that a node's packets meet.
 *
 * - `kubeProxy` is the program; it only watches the API and programs the `RuleTable` of its node.
 * - The table belongs to the node's kernel: it stays while no proxy runs, and goes stale. A new proxy replaces it.
 * - Only the first packet of a connection meets the rules; ClusterIPs answer no ping.
 * - `saveRules` prints the same table as `iptables-save` does, chain names included.
 *
 * Invariants: rules of one Service version are compiled once and shared by all nodes; work is proportional to what changed.
 *
 * Absent: modes ipvs and nftables, SCTP, the conntrack clean-up of UDP.
 */
export { saveRules } from './iptables-save.ts';
export { kubeProxy } from './program.ts';
export { RuleTable } from './rule-table.ts';
export * from './service-port.ts';
