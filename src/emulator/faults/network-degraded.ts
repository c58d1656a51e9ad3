import { NodeNetwork } from '../node/network/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { integer, machine, span } from './parameters.ts';
import { machineOf } from './site.ts';

export const networkDegraded = defineFault({
  name: 'network-degraded',
  cause:
    "On a machine's link a queueing discipline delays or drops what leaves (`tc qdisc add dev eth0 root netem delay … loss …`); with `loss=100` the machine is cut off from all others.",
  symptoms:
    '`tc qdisc show dev eth0` on the machine shows it. With loss, connections take seconds longer, in steps of 1, 2 and 4 s, or end with a timeout; `ping` counts what is missing. With delay, everything across that link takes so much longer. With `loss=100` the node is `NotReady`, `Unknown`, although its kubelet runs, and Pods on it are reached by nobody.',
  mend: '`tc qdisc del dev eth0 root` on the machine. It is gone with a reboot, too.',
  parameters: {
    node: machine('the machine', 'node-1'),
    loss: integer('how many packets in a hundred are lost', { least: 0, most: 100 }, 0),
    delay: span('how much later they leave', '0s'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { node, loss, delay }) {
    if (loss === 0 && delay <= 0) throw new FaultError('network-degraded needs loss or delay');
    const network = machineOf(cluster, node).services.get('network');
    if (!(network instanceof NodeNetwork)) throw new FaultError(`${node} has no link`);
    network.shape({ loss: loss / 100, delayMs: delay });
  },
});
