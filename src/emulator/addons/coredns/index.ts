/**
 * CoreDNS: the cluster's name server, an ordinary Deployment behind the ClusterIP 10.96.0.10.
 *
 * - `coredns` is the program: it reads a Corefile, whose plugins answer a query in CoreDNS' own fixed order.
 * - Names come from watched Services and EndpointSlices under the identity of its service account; what it has not heard of
 *   yet does not exist (SERVFAIL before the first list, NXDOMAIN after it).
 * - Everything else goes to the servers of the node's resolv.conf, over the same wire as every packet.
 *
 * Absent: DNSSEC, zone transfers, the plugins in `absentPlugins`.
 */

export { parseCorefile } from './corefile.ts';
export { KubernetesPlugin } from './plugins/kubernetes.ts';
export { coredns } from './program.ts';
