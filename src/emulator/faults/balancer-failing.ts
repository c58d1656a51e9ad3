import { FaultError, defineFault } from './fault.ts';
import { choice, span } from './parameters.ts';

const modes = { refused: 'stopped', unreachable: 'gone' } as const;

export const balancerFailing = defineFault({
  name: 'balancer-failing',
  cause:
    'The load balancer before several API servers passes nothing on: its program has stopped (`refused`), or its machine is gone (`unreachable`); for a time, or for good.',
  symptoms:
    'Whoever asks by its address hears nothing: `kubectl`: `The connection to the server 172.18.255.100:6443 was refused`, or `no route to host`. Workers turn `NotReady`, `Unknown`; Pods on them run on. The API servers are well, and so are their own machines: a kubelet, scheduler or controller manager beside an API server asks that one. `kubectl --server=https://172.18.0.2:6443 get nodes` shows all that.',
  mend: 'Wait until it is over; until then ask an API server by its own address (`--server`), whose certificate names that as well. A restart of kubelets or API servers changes nothing.',
  parameters: {
    mode: choice('how it fails', ['refused', 'unreachable'], 'refused'),
    lasts: span('how long; 0s for good', '0s'),
  },
  showsAfterMs: 60_000,
  *inject({ network, apiServer, kernel }, { mode, lasts }) {
    const balancer = network.balancers.get(apiServer.ip);
    if (!balancer) throw new FaultError('there is no load balancer before a single API server');
    network.setFailure(balancer, modes[mode]);
    if (lasts > 0) kernel.loop.after(lasts, () => network.setFailure(balancer, undefined), undefined, true);
  },
});
