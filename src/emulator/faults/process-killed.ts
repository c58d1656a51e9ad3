import { defineFault } from './fault.ts';
import { utf8 } from '../kernel/index.ts';
import { machine, name, span } from './parameters.ts';
import { killProcess, machineOf, systemdOf, unitOf } from './site.ts';

const unit = 'memory-saver.service';
const script = '/usr/local/sbin/memory-saver';

const unitFile = `[Unit]
Description=Keeps memory free

[Service]
ExecStart=/bin/bash ${script}
Restart=always

[Install]
WantedBy=multi-user.target
`;

/** Ends the machine's own processes of a name, and containers whose name begins so. */
const saver = (name: string, seconds: number): string => `#!/bin/bash
# Ends what grows, before it takes the machine down.
while true; do
  sleep ${seconds}
  pkill -9 -x ${name}
  crictl ps -q --name ${name} | xargs -r crictl stop -t 0
done
`;

export const processKilled = defineFault({
  name: 'process-killed',
  cause:
    'A process of the machine, or the first one of a container on it, is killed with SIGKILL: once; or again and again, by the home-made service memory-saver, which ends what it finds by that name (`every`).',
  symptoms:
    'A container: its Pod counts one more in `RESTARTS`, `kubectl describe pod` says `Last State: Terminated`, `Exit Code: 137`, and after a few in a row `CrashLoopBackOff`. A service: `journalctl -u` says `Main process exited, code=killed, status=9/KILL`, and systemd starts it again after ten seconds.',
  mend: 'Once: it mends itself, since the kubelet or systemd starts it again. Again and again: `systemctl disable --now memory-saver` on the machine. Stopped and not disabled, it is there again after a reboot.',
  parameters: {
    node: machine('the machine', 'node-1'),
    process: name('what the program is called: kubelet, kube-proxy, nginx'),
    every: span('how often; 0s for once', '0s'),
  },
  showsAfterMs: 45_000,
  *inject(cluster, { node, process, every }) {
    killProcess(cluster, node, process);
    if (every <= 0) return;
    const { fs } = machineOf(cluster, node);
    fs.writeFile(script, utf8(saver(process, every / 1000)), 0o755);
    fs.writeFile(`/etc/systemd/system/${unit}`, utf8(unitFile));
    const state = unitOf(cluster, node, unit);
    const systemd = systemdOf(cluster, node);
    systemd.enable(state, true);
    systemd.start(state);
  },
});
