import { deployments } from '../api/apps/deployment.ts';
import { hardwareService } from '../node/kubelet/node-status.ts';
import type { Hardware } from '../node/kubelet/node-status.ts';
import { defineFault } from './fault.ts';
import { integer, machine, name } from './parameters.ts';
import { asAdministrator, machineOf, put } from './site.ts';

const mebibyte = 1024 ** 2;

export const memoryFull = defineFault({
  name: 'memory-full',
  cause: 'A Deployment without requests and limits takes nearly all memory of the machine that it is bound to.',
  symptoms:
    'The node has `MemoryPressure` (`KubeletHasInsufficientMemory`) and the taint `node.kubernetes.io/memory-pressure:NoSchedule`; events `EvictionThresholdMet` (`Attempting to reclaim memory`). Pods are evicted, those without requests first (`Reason: Evicted`, `The node was low on resource: memory`), the greedy one among them, and its Deployment makes it anew: `kubectl get pods` fills with those that failed. `free` on the machine, `kubectl top`.',
  mend: 'Give the Deployment a limit that suits the node, or scale it down. To delete evicted Pods changes nothing.',
  parameters: {
    node: machine('the machine', 'node-1'),
    namespace: name('where the Deployment is', 'default'),
    deployment: name('what it is called', 'report-cache'),
    freeMiB: integer('how much it leaves, in MiB; eviction begins below 100', { least: 0, most: 4096 }, 40),
  },
  showsAfterMs: 40_000,
  inject: (cluster, { node, namespace, deployment, freeMiB }) =>
    asAdministrator(cluster, function* (client) {
      const { memoryBytes } = machineOf(cluster, node).services.get(hardwareService) as Hardware;
      // What the machine's own services take.
      const bytes = Math.floor(memoryBytes / mebibyte) - 330 - freeMiB;
      const labels = { app: deployment };
      yield* put(client, deployments, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace, name: deployment, labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              nodeSelector: { 'kubernetes.io/hostname': node },
              containers: [
                { name: 'cache', image: 'polinux/stress', command: ['stress', '--vm', '1', '--vm-bytes', `${bytes}M`, '--vm-hang', '0'] },
              ],
            },
          },
        },
      });
    }),
});
