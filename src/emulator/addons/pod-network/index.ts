/**
 * Network plugins that come as DaemonSets: flannel, an overlay, and Calico, which routes. A cluster has one of them in place of the
 * plugin that its runtime sets up, or none until somebody applies a manifest.
 *
 * - Init containers put the plugin's binary into /opt/cni/bin and its configuration into /etc/cni/net.d of each node: from then on
 *   the node is Ready. The daemon sets up how the node reaches the Pods of others; without it Pods get no address.
 * - flannel: a VXLAN tunnel between any two nodes. The network between needs to know no Pod, and packets must be 50 bytes smaller.
 *   NetworkPolicies have no effect.
 * - Calico: each Pod has a route of its own, each node tells its block to the others by BGP, and packets travel as they are. Its
 *   Felix enforces NetworkPolicies.
 * - What a daemon has set up stays when it ends.
 *
 * Differs from Kubernetes: nodes know one another's blocks and tunnels as soon as the daemons run, without BGP sessions or watches;
 * Calico's own kinds (IPPool, BGPPeer, GlobalNetworkPolicy), its controllers and its IPAM are absent (host-local with the node's Pod
 * CIDR is one of its documented modes), and the pool is what the daemon's environment says.
 *
 * Each speaks the families of the cluster's Pod network: flannel with a tunnel for each, Calico with a BGP daemon for each.
 *
 * Deliberately absent: other backends and encapsulations.
 */
export { calicoInstall, calicoNode } from './calico.ts';
export { calicoManifest, calicoVersion } from './calico-manifest.ts';
export { flanneld } from './flannel.ts';
export { flannelManifest, flannelPluginVersion, flannelVersion } from './flannel-manifest.ts';
