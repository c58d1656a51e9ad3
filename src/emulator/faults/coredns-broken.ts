import { deployments } from '../api/apps/deployment.ts';
import { configMaps } from '../api/core/config-map.ts';
import { pods } from '../api/core/pod.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice, name } from './parameters.ts';
import { asAdministrator, merge } from './site.ts';

const namespace = 'kube-system';
const mistakes = ['syntax', 'domain', 'upstream', 'loop', 'poisoned', 'scaled-down'] as const;

const edits: Readonly<Record<Exclude<(typeof mistakes)[number], 'scaled-down'>, (corefile: string, victim: string) => string>> = {
  syntax: (corefile) => corefile.replace('    errors\n', '    errrors\n'),
  domain: (corefile) => corefile.replace('kubernetes cluster.local', 'kubernetes cluster.lokal'),
  upstream: (corefile) => corefile.replace('forward . /etc/resolv.conf', 'forward . 172.18.0.250'),
  loop: (corefile) => corefile.replace('forward . /etc/resolv.conf', 'forward . 127.0.0.1'),
  poisoned: (corefile, victim) =>
    corefile.replace(
      /^( *)kubernetes /m,
      (line, indent: string) => `${indent}hosts {\n${indent}   10.96.255.254 ${victim}\n${indent}   fallthrough\n${indent}}\n${line}`,
    ),
};

export const corednsBroken = defineFault({
  name: 'coredns-broken',
  cause:
    'The Corefile in the ConfigMap kube-system/coredns is edited and CoreDNS started again: a plugin that does not exist, the wrong cluster domain, an upstream that does not answer, a loop back to itself, an entry of `hosts` for `name=` that is wrong; or the Deployment has 0 replicas.',
  symptoms:
    '`syntax` and `loop`: CoreDNS is in `CrashLoopBackOff`, and `kubectl -n kube-system logs` says `Unknown directive` or `Loop … detected`. `scaled-down`: the Service kube-dns has no endpoints. `domain`: names of Services are `NXDOMAIN`, addresses work. `upstream`: only names outside of the cluster fail. `poisoned`: one name has an address that nobody answers.',
  mend: 'Put the Corefile right (`kubectl -n kube-system edit configmap coredns`); CoreDNS reads it again within a minute and a half, or after `rollout restart`. For `scaled-down`, scale it up.',
  parameters: {
    mistake: choice('what is wrong', mistakes, 'syntax'),
    name: name('the poisoned name, for mistake=poisoned', 'web.default.svc.cluster.local'),
  },
  showsAfterMs: 90_000,
  inject: (cluster, { mistake, name: victim }) =>
    asAdministrator(cluster, function* (client) {
      if (mistake === 'scaled-down') {
        yield* merge(client, deployments, { namespace, name: 'coredns' }, { spec: { replicas: 0 } });
        return;
      }
      const ref = { namespace, name: 'coredns' };
      const before = (yield* client.get(configMaps, ref)).data?.Corefile ?? '';
      const Corefile = edits[mistake](before, victim);
      if (Corefile === before) throw new FaultError('the Corefile has nothing to change');
      yield* merge(client, configMaps, ref, { data: { Corefile } });
      yield* client.deleteCollection(pods, { namespace, labelSelector: 'k8s-app=kube-dns' });
    }),
});
