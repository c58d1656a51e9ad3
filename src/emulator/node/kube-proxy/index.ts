/**
 * kube-proxy: turns Services and EndpointSlices into the rules that a node's packets meet.
 *
 * - `kubeProxy` is the program; it only watches the API and programs the table of its mode on its node: `RuleTable` for iptables and
 *   nftables, `VirtualServerTable` for ipvs. `NodeTables` holds what all proxies have left on a node.
 * - Tables belong to the node's kernel: they stay while no proxy runs, and go stale. A new proxy replaces what its own mode left.
 * - Only the first packet of a connection or flow meets them (conntrack is the wire's); what is stale of UDP the proxy makes it forget.
 * - `saveRules`, `listRuleset`, `listVirtualServers` and `ipSets` print the same tables as the real tools do, chain names included.
 *
 * Invariants: rules of one Service version are compiled once and shared by all nodes; work is proportional to what changed.
 *
 * A table holds the ports of both families, which never meet; what it prints is of one.
 */
export { ipSets, listIpSet, saveIpSet } from './ip-sets.ts';
export { saveRules } from './iptables-save.ts';
export { listVirtualServers } from './ipvsadm.ts';
export { listRuleset } from './nft-rules.ts';
export { NodeTables } from './node-tables.ts';
export { kubeProxy } from './program.ts';
export { RuleTable } from './rule-table.ts';
export * from './service-port.ts';
export { VirtualServerTable } from './virtual-servers.ts';
