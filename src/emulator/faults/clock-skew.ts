import type { TimeSync } from '../node/systemd/index.ts';
import { timeSyncService, timeSyncUnit } from '../node/systemd/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { machine, span } from './parameters.ts';
import { machineOf, systemdOf, unitOf } from './site.ts';

export const clockSkew = defineFault({
  name: 'clock-skew',
  cause:
    "A machine's clocks are off by `offset`: systemd-timesyncd is stopped and does not start with the machine, and somebody has set the time by hand. The kubelet has started since.",
  symptoms:
    "`timedatectl` says `System clock synchronized: no` and `NTP service: inactive`, `date` the wrong time. What the machine writes bears it: its log lines, `renewTime` of its Lease, `lastHeartbeatTime` of its node's conditions, `date` in its Pods. A clock that is further behind than the cluster is old sees certificates that are not valid yet: `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time … is before …` in `journalctl -u kubelet`, and the node goes `NotReady`. A few minutes harm no kubelet: the controller manager judges a Lease by when it changes, not by what it says. On a control plane the API server refuses certificates and tokens of everybody else (`401`; its log says `Unable to authenticate the request`), and members of etcd log `prober found high clock drift`.",
  mend: '`timedatectl set-ntp true` on the machine. To set the time alone (`date -s`) helps until the machine starts again, since the hardware clock is wrong too.',
  parameters: {
    node: machine('the machine', 'node-1'),
    offset: span('how far ahead the clock is; behind with a minus', '-2h'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { node, offset }) {
    if (offset === 0) throw new FaultError('clock-skew needs an offset');
    const systemd = systemdOf(cluster, node);
    const { services, kernel } = machineOf(cluster, node);
    const unit = unitOf(cluster, node, timeSyncUnit);
    systemd.stop(unit);
    systemd.enable(unit, false);
    const time = services.get(timeSyncService) as TimeSync;
    time.setTime(kernel!.clock.unixMs + offset);
    time.writeHardwareClock();
    systemd.restart(unitOf(cluster, node, 'kubelet.service'));
  },
});
