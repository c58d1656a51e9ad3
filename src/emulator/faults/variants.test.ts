import { beforeAll, describe, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import type { Case } from './testing.ts';
import { brokenCluster, prove } from './testing.ts';

const restart = (component: string): string =>
  `kubectl -n kube-system delete pod ${component}-control-plane; crictl stop $(crictl ps -q --name ${component})`;

const asClient = (component: string): Case => ({
  fault: `certificate-expired owner=${component}`,
  symptoms: [
    {
      look: `kubectl -n kube-system logs kube-${component}-control-plane --since=20s`,
      shows: /Unauthorized|the server has asked for the client to provide credentials/,
    },
    {
      look: `kubectl -n kube-system get lease kube-${component} -o jsonpath={.spec.renewTime}; echo; sleep 20; kubectl -n kube-system get lease kube-${component} -o jsonpath={.spec.renewTime}`,
      shows: /^(\S+)\n\1$/,
    },
    { look: `kubeadm certs check-expiration | grep '^${component}.conf'`, shows: /<invalid>/ },
  ],
  wrong: restart(`kube-${component}`),
  mend: `kubeadm certs renew ${component}.conf; ${restart(`kube-${component}`)}`,
  heals: 180_000,
});

const cases: readonly Case[] = [
  {
    fault: 'version-skew node=node-2 version=v1.30.14',
    symptoms: [
      { look: 'kubectl get nodes', shows: /^node-2 +Ready .* v1\.30\.14$/m },
      { look: 'kubeadm upgrade plan v1.34.2', shows: /^kubelet +node-2 +v1\.30\.14 +v1\.34\.2$/m },
      {
        look: 'kubeadm upgrade apply v1.34.2 -y',
        shows: /There are kubelets in this cluster that are too old that have these versions \[v1\.30\.14\]/,
      },
      { look: 'node-2: kubelet --version', shows: /Kubernetes v1\.30\.14/ },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    mend: 'node-2: apt-get install -y kubelet=1.34.1-1.1; systemctl restart kubelet',
    heals: 30_000,
  },
  {
    fault: 'version-skew component=kube-scheduler version=v1.33.5',
    symptoms: [
      { look: 'kubectl -n kube-system get pod kube-scheduler-control-plane -o jsonpath={.spec.containers[0].image}', shows: /:v1\.33\.5$/ },
      { look: 'kubectl -n kube-system logs kube-scheduler-control-plane', shows: /"Starting Kubernetes Scheduler" version="v1\.33\.5"/ },
      { look: 'kubeadm upgrade plan v1.34.2', shows: /^kube-scheduler +control-plane +v1\.33\.5 +v1\.34\.2$/m },
    ],
    wrong: 'crictl stop $(crictl ps -q --name kube-scheduler)',
    mend: 'sed -i s/v1.33.5/v1.34.1/ /etc/kubernetes/manifests/kube-scheduler.yaml',
    heals: 60_000,
  },
  {
    fault: 'version-skew component=kube-proxy version=v1.31.13',
    symptoms: [
      { look: 'kubectl -n kube-system get ds kube-proxy -o wide', shows: /kube-proxy:v1\.31\.13/ },
      { look: 'kubectl -n kube-system logs -l k8s-app=kube-proxy', shows: /"Version info" version="v1\.31\.13"/ },
    ],
    wrong: 'kubectl -n kube-system rollout restart ds kube-proxy',
    mend: 'kubectl -n kube-system set image ds/kube-proxy kube-proxy=registry.k8s.io/kube-proxy:v1.34.1',
    heals: 60_000,
  },
  {
    given: 'kubectl create deployment idle --image=nginx --replicas=0',
    fault: 'leader-lost component=kube-controller-manager',
    symptoms: [
      {
        look: 'kubectl -n kube-system logs kube-controller-manager-control-plane --since=20s',
        shows:
          /error retrieving resource lock kube-system\/kube-controller-manager: leases\.coordination\.k8s\.io "kube-controller-manager" is forbidden/,
      },
      {
        look: 'kubectl scale deployment idle --replicas=1 >/dev/null; sleep 10; kubectl get deployment idle; kubectl scale deployment idle --replicas=0 >/dev/null',
        shows: /idle +0\/1 +0 /,
      },
    ],
    wrong: 'crictl stop $(crictl ps -q --name kube-controller-manager)',
    mend: 'crictl stop $(crictl ps -q --name kube-apiserver)',
    heals: 60_000,
  },
  asClient('scheduler'),
  asClient('controller-manager'),
  {
    fault: 'process-killed node=node-1 process=kubelet',
    symptoms: [
      { look: 'node-1: journalctl -u kubelet -o cat', shows: /kubelet\.service: Main process exited, code=killed, status=9\/KILL/ },
      { look: 'node-1: journalctl -u kubelet -o cat', shows: /Scheduled restart job, restart counter is at 1/ },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    // Nobody has to do anything: systemd has started it again, and the journal remembers.
    mend: 'kubectl wait --for=condition=Ready node/node-1 --timeout=30s',
    heals: 1000,
    stays: [0, 1],
  },
  {
    fault: 'registry-failing registry=docker.io mode=unreachable',
    symptoms: [
      {
        look: 'kubectl run fetch --image=httpd:2.4 --image-pull-policy=Always >/dev/null; sleep 40; kubectl describe pod fetch; kubectl delete pod fetch >/dev/null',
        shows: /ErrImagePull|ImagePullBackOff[\s\S]*dial tcp [\d.]+:443: i\/o timeout/,
      },
      { look: 'node-1: crictl pull httpd:2.4', shows: /dial tcp [\d.]+:443: i\/o timeout/ },
    ],
    wrong: 'node-1: systemctl restart containerd',
    mend: ({ registry }) => registry.fail('docker.io', undefined),
    heals: 1000,
  },
  {
    fault: 'coredns-broken mistake=upstream',
    symptoms: [
      {
        look: 'kubectl run ask --rm -i --restart=Never --image=busybox -q -- nslookup example.com',
        shows: /SERVFAIL|timed out|can't resolve/,
      },
      {
        look: 'kubectl -n kube-system logs -l k8s-app=kube-dns',
        shows: /plugin\/errors: 2 example\.com\. A: read udp .*->172\.18\.0\.250:53: i\/o timeout/,
      },
    ],
    wrong:
      'kubectl -n kube-system rollout restart deployment coredns; kubectl run ask --rm -i --restart=Never --image=busybox -q -- nslookup example.com',
    mend: `kubectl -n kube-system get cm coredns -o yaml | sed 's#forward . 172.18.0.250#forward . /etc/resolv.conf#' | kubectl replace -f -; kubectl -n kube-system rollout restart deployment coredns`,
    heals: 60_000,
  },
  {
    given: 'kubectl create deployment page --image=nginx; kubectl expose deployment page --port=80; kubectl rollout status deployment page',
    fault: 'kube-proxy-broken mistake=server',
    symptoms: [
      {
        look: 'kubectl -n kube-system logs -l k8s-app=kube-proxy',
        shows: /"Failed to watch" err="failed to list \*v1\.Service: Get .*dial tcp 172\.18\.0\.250:6443/,
      },
      {
        look: 'kubectl delete svc page >/dev/null; kubectl expose deployment page --port=80 >/dev/null; sleep 3; curl -s -o /dev/null -m 5 -w "%{http_code}\\n" http://$(kubectl get svc page -o jsonpath={.spec.clusterIP})/',
        shows: /^000/,
      },
    ],
    wrong: 'kubectl -n kube-system rollout restart ds kube-proxy',
    mend: `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's#172.18.0.250#172.18.0.2#' | kubectl replace -f -; kubectl -n kube-system rollout restart ds kube-proxy`,
    heals: 60_000,
  },
];

describe('variants of faults', () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster();
  });

  test.each(cases)('$fault', (row) => prove(cluster, row));
});
