import type { Block, FilterRule } from '../node/network/index.ts';
import { NodeNetwork, parseBlock } from '../node/network/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { machines } from './parameters.ts';
import { machineOf } from './site.ts';

function networkOf(cluster: Cluster, node: string): NodeNetwork {
  const network = machineOf(cluster, node).services.get('network');
  if (!(network instanceof NodeNetwork)) throw new FaultError(`${node} has no link`);
  return network;
}

const drop = (chain: FilterRule['chain'], source: Block): FilterRule => ({
  chain,
  source,
  destination: undefined,
  protocol: undefined,
  port: undefined,
  verdict: 'DROP',
  text: `-s ${source.text} -j DROP`,
});

export const networkPartition = defineFault({
  name: 'network-partition',
  cause:
    'On each of the machines `nodes` somebody has told the firewall to drop what comes from the machines `from` and from their Pods (`iptables -A INPUT -s … -j DROP`, `-A FORWARD -s … -j DROP`). To and from all others everything passes.',
  symptoms:
    'Pods of the one side do not reach Pods of the other (`wget: download timed out`), and reach all others; a Service answers or not, as the endpoint that is chosen lies. While both sides reach the API server all nodes are `Ready`, and nothing in the cluster tells. Between a control plane and a node: the node turns `NotReady` after 50 s, and `kubectl logs` and `exec` end in `dial tcp …:10250: i/o timeout`. Between members of etcd: `peer became inactive`; a member that does not hear the leader serves nobody (`etcdctl endpoint health --cluster`), even if it hears a third. `iptables -S INPUT` and `iptables -S FORWARD` on the machine show the rules; `packets` names them.',
  mend: '`iptables -D` of those rules, or `iptables -F` of both chains. They are gone with a reboot, too.',
  parameters: {
    nodes: machines('whose firewalls drop; names with commas between', 'node-1'),
    from: machines('what comes from whom', 'node-2'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { nodes, from }) {
    const both = nodes.find((node) => from.includes(node));
    if (both !== undefined) throw new FaultError(`${both} cannot be on both sides`);
    const others = from.map((node) => networkOf(cluster, node));
    for (const node of nodes)
      networkOf(cluster, node).setFirewall((rules) => {
        for (const { ip, podCIDR } of others)
          rules.push(drop('INPUT', parseBlock(`${ip}/32`)!), ...(podCIDR ? [drop('INPUT', podCIDR), drop('FORWARD', podCIDR)] : []));
      });
  },
});
