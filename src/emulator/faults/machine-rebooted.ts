import { defineFault } from './fault.ts';
import { machine, span } from './parameters.ts';

export const machineRebooted = defineFault({
  name: 'machine-rebooted',
  cause: 'The machine loses its power, and has it again after a while. Files and objects stay; what is not enabled does not come back.',
  symptoms:
    'The node is `NotReady` while it is down for longer than 50 s; then its Pods are started again (`RESTARTS`), and what was only started by hand (`systemctl start`, `tc`, a file in memory) is as it was before.',
  mend: 'Nothing is broken by it alone: it shows whether an earlier mend lasts.',
  parameters: {
    node: machine('the machine', 'node-1'),
    downFor: span('how long it is down', '15s'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { node, downFor }) {
    cluster.powerOff(node);
    cluster.kernel.loop.after(downFor, () => cluster.powerOn(node), undefined);
  },
});
