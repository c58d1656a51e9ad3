import { daemonSets } from '../api/apps/daemon-set.ts';
import { configMaps } from '../api/core/config-map.ts';
import { pods } from '../api/core/pod.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice } from './parameters.ts';
import { asAdministrator, merge } from './site.ts';

const namespace = 'kube-system';
const mistakes = ['mode', 'server', 'selector'] as const;

export const kubeProxyBroken = defineFault({
  name: 'kube-proxy-broken',
  cause:
    'The ConfigMap kube-system/kube-proxy is edited and kube-proxy started again: a mode that does not exist, or the address of an API server that is not there. With `mistake=selector` the DaemonSet chooses no node.',
  symptoms:
    '`mode`: kube-proxy is in `CrashLoopBackOff` on every node, and its log names the field. `server`: it runs, its log repeats `Failed to watch` with `failed to list *v1.Service: Get "https://172.18.0.250:6443/…`, and rules stay as they were: new Services and new endpoints are not reachable, old ones are until their Pods go. `selector`: `kubectl -n kube-system get ds` says 0 desired. Addresses of Pods answer all the while.',
  mend: 'Put the ConfigMap right and `kubectl -n kube-system rollout restart daemonset kube-proxy`; for `selector`, take the label out of the DaemonSet.',
  parameters: { mistake: choice('what is wrong', mistakes, 'mode') },
  showsAfterMs: 60_000,
  inject: (cluster, { mistake }) =>
    asAdministrator(cluster, function* (client) {
      const ref = { namespace, name: 'kube-proxy' };
      if (mistake === 'selector') {
        const nodeSelector = { 'kubernetes.io/os': 'linux', 'node-role.example.com/proxy': 'true' };
        yield* merge(client, daemonSets, ref, { spec: { template: { spec: { nodeSelector } } } });
        return;
      }
      const data = (yield* client.get(configMaps, ref)).data ?? {};
      const [key, edited] =
        mistake === 'mode'
          ? (['config.conf', data['config.conf']?.replace(/^mode: .*$/m, 'mode: iptable')] as const)
          : (['kubeconfig.conf', data['kubeconfig.conf']?.replace(/server: .*$/m, 'server: https://172.18.0.250:6443')] as const);
      if (edited === undefined || edited === data[key]) throw new FaultError(`${key} has nothing to change`);
      yield* merge(client, configMaps, ref, { data: { [key]: edited } });
      yield* client.deleteCollection(pods, { namespace, labelSelector: 'k8s-app=kube-proxy' });
    }),
});
