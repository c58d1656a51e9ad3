import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, utf8 } from '../../kernel/index.ts';
import type { NodeNetwork, PodNetwork } from '../../node/network/index.ts';
import { isBlock6, Namespace } from '../../node/network/index.ts';
import { PolicyEnforcer } from '../../node/network-policy/index.ts';
import { annotate, blocksOf, DaemonError, nodeOf, podClient } from './daemon.ts';

/** A route for each Pod, the blocks of other nodes by BGP, packets as they are. */
const network: PodNetwork = { plugin: 'calico', bridge: undefined, carrier: 'plain', routeProtocol: 'bird', mtu: 1500 };

const configDirectory = '/host/etc/cni/net.d';

/** The init container: brings the plugin and its configuration to the node. */
export const calicoInstall: Program = function* (sys) {
  const text = sys.env.get('CNI_NETWORK_CONFIG');
  if (text === undefined) {
    yield* sys.print(2, 'Unable to determine CNI_NETWORK_CONFIG\n');
    return 1;
  }
  const config = text
    .replaceAll('__KUBECONFIG_FILEPATH__', '/etc/cni/net.d/calico-kubeconfig')
    .replaceAll('__KUBERNETES_NODE_NAME__', sys.env.get('KUBERNETES_NODE_NAME') ?? sys.hostname)
    .replaceAll('__CNI_MTU__', '0');
  try {
    for (const plugin of ['calico', 'calico-ipam']) sys.fs.writeFile(`/host/opt/cni/bin/${plugin}`, utf8('\x7fELF'), 0o755);
    sys.fs.writeFile(`${configDirectory}/${sys.env.get('CNI_CONF_NAME') ?? '10-calico.conflist'}`, utf8(`${config.trim()}\n`));
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(2, `Failed to install the CNI plugin: ${error.message}\n`);
    return 1;
  }
  yield* sys.print(1, 'Installed /host/opt/cni/bin/calico\nCreated /host/etc/cni/net.d/10-calico.conflist\n');
  return 0;
};

/** `IP` is autodetected unless it says `none`; `IP6` only if it says `autodetect`. */
function wantedAddresses(sys: Sys, { ip4, ip6 }: NodeNetwork): { readonly ip4: string | undefined; readonly ip6: string | undefined } {
  const wanted = {
    ip4: sys.env.get('IP') === 'none' ? undefined : ip4,
    ip6: sys.env.get('IP6') === 'autodetect' ? ip6 : undefined,
  };
  if (wanted.ip4 === undefined && wanted.ip6 === undefined) throw new DaemonError("Couldn't autodetect an address of the node");
  return wanted;
}

function* run(sys: Sys): Call<void> {
  const node = nodeOf(sys);
  for (const variable of ['CALICO_IPV4POOL_IPIP', 'CALICO_IPV4POOL_VXLAN']) {
    const value = sys.env.get(variable) ?? 'Never';
    // Differs from Kubernetes: Calico's own encapsulations are not simulated; its daemon says so and ends.
    if (value !== 'Never') throw new DaemonError(`${variable}=${value}: only Never is simulated`);
  }
  const client = podClient(sys, 'calico-node');
  const wanted = wantedAddresses(sys, node);
  const blocks = yield* blocksOf(client, node.name);
  yield* annotate(client, node.name, {
    ...(wanted.ip4 && { 'projectcalico.org/IPv4Address': `${wanted.ip4}/16` }),
    ...(wanted.ip6 && { 'projectcalico.org/IPv6Address': `${wanted.ip6}/64` }),
  });
  const own = blocks.filter((block) => (isBlock6(block) ? wanted.ip6 : wanted.ip4) !== undefined);
  node.podNetwork = network;
  node.network.setPodBlocks(node, own);
  for (const block of own) yield* sys.print(1, `${isBlock6(block) ? 'bird6' : 'bird'}: BGP: ${node.name} announces ${block.text}\n`);
  const enforcer = new PolicyEnforcer(sys.kernel, client, node);
  sys.own(() => enforcer.stop());
  enforcer.start();
}

/** calico-node: BIRD and Felix in one. With a flag it is a probe. */
export const calicoNode: Program = function* (sys) {
  if (sys.argv.length > 1) {
    const isReady = sys.net instanceof Namespace && sys.net.node.podNetwork === network;
    if (!isReady && sys.argv.includes('-felix-ready')) {
      yield* sys.print(
        1,
        'calico/node is not ready: felix is not ready: Get "http://localhost:9099/readiness": dial tcp 127.0.0.1:9099: connect: connection refused\n',
      );
      return 1;
    }
    return 0;
  }
  try {
    yield* run(sys);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    yield* sys.print(2, `calico/node failed to start: ${error.message}\n`);
    return 1;
  }
  yield* sys.pause();
  return 0;
};
