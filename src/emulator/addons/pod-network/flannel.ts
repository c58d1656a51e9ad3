import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { klog } from '../../control-plane/component-base/klog.ts';
import { componentFlags } from '../../control-plane/component-base/start.ts';
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import type { PodNetwork } from '../../node/network/index.ts';
import { tunnelMac, vxlan } from '../../node/network/index.ts';
import { DaemonError, nodeOf, podClient, registerNode } from './daemon.ts';

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
  readonly Network?: string;
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

function* run(sys: Sys): Call<void> {
  const node = nodeOf(sys);
  const { Network: whole = '' } = readConfiguration(sys);
  info(sys, `Using interface with name eth0 and address ${node.ip}`);
  const cidr = yield* registerNode(podClient(sys, 'flanneld'), node.name, {
    'flannel.alpha.coreos.com/backend-data': JSON.stringify({ VNI: vxlan.id, VtepMAC: tunnelMac(node) }),
    'flannel.alpha.coreos.com/backend-type': 'vxlan',
    'flannel.alpha.coreos.com/kube-subnet-manager': 'true',
    'flannel.alpha.coreos.com/public-ip': node.ip,
  });
  node.podNetwork = { ...network, subnet: whole };
  node.network.setPodCIDR(node, cidr);
  info(sys, `VXLAN config: VNI=${vxlan.id} Port=0 GBP=false Learning=false DirectRouting=false`);
  const block = `${node.gatewayIP}/${cidr.prefixLength}`;
  const lines = [`FLANNEL_NETWORK=${whole}`, `FLANNEL_SUBNET=${block}`, `FLANNEL_MTU=${network.mtu}`, 'FLANNEL_IPMASQ=true'];
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
