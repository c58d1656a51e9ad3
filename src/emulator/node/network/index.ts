/**
 * The wire: how packets get from a process to a process.
 *
 *   socket → namespace (Pod or node) → the node's table `nat` (kube-proxy) → bridge or route → other node → namespace → listener
 *
 * - `Network` is the segment that joins the nodes; `NodeNetwork` is one machine's part of it; `Namespace` is what the
 *   kernel calls a `NetNamespace`. A Pod's namespace is made by the runtime and attached by a CNI plugin (`node/cni/`).
 * - Only a connection's first packet is routed, as with conntrack: what a table says later does not move it. An
 *   established connection closes when either end dies, or a node or the wire between goes away.
 * - A closed port refuses at once (ECONNREFUSED). A missing neighbour is EHOSTUNREACH after 3 s, a lost packet is sent again
 *   after 1, 2, 4 … s until ETIMEDOUT, and a namespace without an address has no route (ENETUNREACH).
 * - Between nodes a packet takes `latencyMs` (1 ms), inside a node no virtual time. On a link that loses packets an open connection sends
 *   again what was lost, after timeouts that double (`transfer.ts`).
 * - `tryAll` asks where a packet would end, on each of the ways that it may take, and leaves no trace in any table.
 * - Without listeners a packet costs no objects; with them (the trace, tcpdump) it collects its hops, typed and in words, and
 *   where it ended says why.
 *
 * Addresses are texts of either family; a machine or Pod has one, or one of each, IPv4 first.
 *
 * Absent: TLS handshakes (a server says whether it speaks TLS; who is who is settled one layer up), bandwidth, the Internet.
 */
export * from './blocks.ts';
export * from './capture.ts';
export { Connection } from './connection.ts';
export type { Flow, TrackedConnection } from './conntrack.ts';
export { Conntrack, tracked } from './conntrack.ts';
export * from './dns.ts';
export * from './exchange.ts';
export * from './firewall.ts';
export { addGateway } from './gateway.ts';
export * from './http-client.ts';
export * from './http-text.ts';
export * from './ipv4.ts';
export { hopOf, reachedBy } from './hops.ts';
export * from './interfaces.ts';
export { LoadBalancer } from './load-balancer.ts';
export { Namespace } from './namespace.ts';
export { Network } from './network.ts';
export * from './nfs.ts';
export type { HostPort, PortMapping } from './node-network.ts';
export type { Netem } from './node-network.ts';
export { NodeNetwork } from './node-network.ts';
export * from './packet.ts';
export type { LoggedPacket } from './packet-log.ts';
export { isOfComponents } from './packet-log.ts';
export * from './places.ts';
export * from './pod-network.ts';
export * from './reachability.ts';
export * from './resolver.ts';
export { Socket } from './socket.ts';
export { retransmitTimeoutMs } from './transfer.ts';
export * from './trial.ts';
