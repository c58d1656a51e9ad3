import { defineFault } from './fault.ts';
import { machine, name } from './parameters.ts';
import { killProcess } from './site.ts';

export const processKilled = defineFault({
  name: 'process-killed',
  cause: 'A process of the machine, or the first one of a container on it, is killed once with SIGKILL.',
  symptoms:
    'A container: its Pod counts one more in `RESTARTS`, `kubectl describe pod` says `Last State: Terminated`, `Exit Code: 137`, and after a few in a row `CrashLoopBackOff`. A service: `journalctl -u` says `Main process exited, code=killed, status=9/KILL`, and systemd starts it again after ten seconds.',
  mend: 'It mends itself: the kubelet, or systemd, starts it again.',
  parameters: {
    node: machine('the machine', 'node-1'),
    process: name('what the program is called: kubelet, kube-proxy, nginx'),
  },
  showsAfterMs: 2000,
  *inject(cluster, { node, process }) {
    killProcess(cluster, node, process);
  },
});
