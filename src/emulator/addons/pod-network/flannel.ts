import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { klog } from '../../control-plane/component-base/klog.ts';
import { componentFlags } from '../../control-plane/component-base/start.ts';
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import type { NodeNetwork, PodNetwork } from '../../node/network/index.ts';
import { familyOf, isBlock6, tunnelMac, vxlan } from '../../node/network/index.ts';
import { annotate, blocksOf, DaemonError, nodeOf, podClient } from './daemon.ts';

const flagTypes: FlagTypes = { 'ip-masq': 'boolean', 'kube-subnet-mgr': 'boolean', v: 'integer' };

const cableMtu = 1500;

/** A bridge a node, and a tunnel between any two: each packet for another node's Pod is wrapped, and so must be smaller. */
const network: PodNetwork = {
  plugin: 'flannel',
  bridge: 'cni0',
  carrier: 'vxlan',
  routeProtocol: '',
  mtu: cableMtu - vxlan.overheadBytes,
};

const info = (sys: Sys, message: string): void => klog(sys, 'I', 'main.go:211', message);

interface NetConf {
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Network?: string;
  readonly IPv6Network?: string;
  readonly Backend?: { readonly Type?: string };
}

/** The ConfigMap's own file. Throws a `DaemonError` for what is not known here. */
function readConfiguration(sys: Sys): NetConf {
  let config: NetConf;
  try {
    config = JSON.parse(textOf(sys.fs.readFile('/etc/kube-flannel/net-conf.json'))) as NetConf;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !isErrno(error)) throw error;
    throw new DaemonError(`failed to read net conf: ${error.message}`);
  }
  const type = config.Backend?.Type;
  // Differs from Kubernetes: only the backend vxlan is known.
  if (type !== 'vxlan') throw new DaemonError(`unknown backend type: ${type}`);
  return config;
}

/** The node's addresses of the families that the configuration wants tunnels for. Throws a `DaemonError` when one is missing. */
function wantedAddresses({ EnableIPv4 = true, EnableIPv6 = false }: NetConf, node: NodeNetwork): readonly string[] {
  if (EnableIPv4 && node.ip4 === undefined) throw new DaemonError('failed to find IPv4 address for interface eth0');
  if (EnableIPv6 && node.ip6 === undefined) throw new DaemonError('failed to find IPv6 address for interface eth0');
  return [EnableIPv4 ? node.ip4 : undefined, EnableIPv6 ? node.ip6 : undefined].filter((ip) => ip !== undefined);
}

/** What the other nodes' daemons need to know (pkg/subnet/kube): a hardware address and an outer address for each family. */
function annotationsOf(node: NodeNetwork, addresses: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const ip of addresses) {
    const [data, address] = familyOf(ip) === 'IPv6' ? ['backend-v6-data', 'public-ipv6'] : ['backend-data', 'public-ip'];
    found[`flannel.alpha.coreos.com/${data}`] = JSON.stringify({ VNI: vxlan.id, VtepMAC: tunnelMac(node, ip) });
    found[`flannel.alpha.coreos.com/${address}`] = ip;
  }
  return { ...found, 'flannel.alpha.coreos.com/backend-type': 'vxlan', 'flannel.alpha.coreos.com/kube-subnet-manager': 'true' };
}

function* run(sys: Sys): Call<void> {
  const node = nodeOf(sys);
  const config = readConfiguration(sys);
  const wanted = wantedAddresses(config, node);
  info(sys, `Using interface with name eth0 and address ${node.ip}`);
  const client = podClient(sys, 'flanneld');
  const blocks = yield* blocksOf(client, node.name);
  const own = blocks.filter((block) => wanted.some((ip) => (familyOf(ip) === 'IPv6') === isBlock6(block)));
  const { Network: whole = '', IPv6Network: whole6 = '' } = config;
  node.podNetwork = { ...network, subnets: [whole, whole6].filter((text) => text !== '') };
  node.network.setPodBlocks(node, own);
  yield* annotate(client, node.name, annotationsOf(node, wanted));
  info(sys, `VXLAN config: VNI=${vxlan.id} Port=0 GBP=false Learning=false DirectRouting=false`);
  const lines = [
    ...(node.podCIDR ? [`FLANNEL_NETWORK=${whole}`, `FLANNEL_SUBNET=${node.gatewayIP}/${node.podCIDR.prefixLength}`] : []),
    ...(node.podCIDR6 ? [`FLANNEL_IPV6_NETWORK=${whole6}`, `FLANNEL_IPV6_SUBNET=${node.gatewayIP6}/${node.podCIDR6.prefixLength}`] : []),
    `FLANNEL_MTU=${network.mtu}`,
    'FLANNEL_IPMASQ=true',
  ];
  sys.fs.writeFile('/run/flannel/subnet.env', utf8(`${lines.join('\n')}\n`));
  info(sys, 'Wrote subnet file to /run/flannel/subnet.env');
  info(sys, 'Running backend.');
}

/** flanneld with its backend vxlan: gives the node its tunnel, and tells the plugin which block and size are the node's. */
export const flanneld: Program = function* (sys) {
  componentFlags(sys, flagTypes);
  try {
    yield* run(sys);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    klog(sys, 'E', 'main.go:227', `Failed to create SubnetManager: ${error.message}`);
    return 1;
  }
  yield* sys.pause();
  return 0;
};
