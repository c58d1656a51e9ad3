import { bridgeConfigPath } from '../node/cni/index.ts';
import { defineFault } from './fault.ts';
import { integer, machine } from './parameters.ts';
import { editFile, machineOf } from './site.ts';

export const addressesExhausted = defineFault({
  name: 'addresses-exhausted',
  cause:
    "In the configuration of the network plugin the node's range of Pod addresses is a few addresses wide (/etc/cni/net.d/10-bridge.conflist), fewer than the Pods that the node may have.",
  symptoms:
    'Pods on that node stay in `ContainerCreating`; `kubectl describe pod` has `FailedCreatePodSandBox`: `failed to allocate for range 0: no IP addresses available in range set: …`. The node is `Ready`, and has room by CPU, memory and number of Pods.',
  mend: 'Put the subnet of the node (`kubectl get node -o jsonpath={.spec.podCIDR}`) back into the file. To delete the Pod helps the one that comes next.',
  parameters: {
    node: machine('the machine', 'node-1'),
    prefix: integer('how wide the range is, as a prefix', { least: 25, most: 30 }, 29),
  },
  showsAfterMs: 15_000,
  *inject(cluster, { node, prefix }) {
    editFile(machineOf(cluster, node).fs, bridgeConfigPath, (text) => text.replace(/("subnet": "[\d.]+)\/\d+"/, `$1/${prefix}"`));
  },
});
