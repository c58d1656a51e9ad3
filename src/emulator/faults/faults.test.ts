import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../cluster/index.ts';
import { textOf, utf8 } from '../kernel/index.ts';
import { parseCertificates } from '../machinery/x509/index.ts';
import { FaultError } from './fault.ts';
import { faults } from './list.ts';
import { chooseFaults, parseFaultLine, planFault, variantsOf } from './plan.ts';
import type { Case } from './testing.ts';
import { brokenCluster, prove, run } from './testing.ts';

const place = { nodes: ['control-plane', 'node-1', 'node-2'] };

describe('what an author writes', () => {
  test.each([
    { name: 'no such fault', line: 'meteor', want: /^there is no fault "meteor"; known are kubelet-stopped, / },
    { name: 'no such parameter', line: 'cordoned nod=node-1', want: /^cordoned has no parameter "nod"; it takes node$/ },
    {
      name: 'no such machine',
      line: 'cordoned node=node-9',
      want: /^cordoned: node: there is no machine node-9; there are control-plane, node-1, node-2$/,
    },
    { name: 'a word that is none', line: 'static-pod-broken mistake=typo', want: /mistake: typo is none of flag, image, yaml, away$/ },
    {
      name: 'a number that is none',
      line: 'quota-exhausted namespace=a pods=many',
      want: /pods: many is no whole number from 0 to 10000$/,
    },
    { name: 'a parameter that must be there', line: 'quota-exhausted', want: /^quota-exhausted needs namespace: the namespace$/ },
    { name: 'a parameter twice', line: 'cordoned node=node-1 node=node-1', want: /^node is given twice$/ },
    { name: 'a word alone', line: 'cordoned node-1', want: /^"node-1" is not key=value$/ },
    { name: 'a name that is none', line: 'quota-exhausted namespace=a;b', want: /"a;b" is no name$/ },
  ])('$name', ({ line, want }) => {
    expect(() => parseFaultLine(line.split(' '), place)).toThrow(FaultError);
    expect(() => parseFaultLine(line.split(' '), place)).toThrow(want);
  });

  test('what is not given falls back, and numbers are numbers', () => {
    expect(planFault('quota-exhausted', { namespace: 'a', pods: '3' }, place).values).toEqual({
      namespace: 'a',
      pods: 3,
      quota: 'team-limits',
    });
  });

  test('every fallback can be read', () => {
    for (const { name, parameters } of faults)
      for (const [key, { fallback, parse }] of Object.entries(parameters))
        if (fallback !== undefined) expect(parse(fallback, place), `${name} ${key}`).toHaveProperty('value');
  });
});

describe('what the seed chooses', () => {
  const entry = (fault: string) => ({ fault, with: {} });
  const names = ['a', 'b', 'c', 'd'];
  const list = [entry('always'), { choose: 2, of: names.map(entry) }, { choose: 1, of: ['x', 'y'].map(entry) }];
  const chosen = (seed: number) =>
    chooseFaults(list, seed)
      .map(({ fault }) => fault)
      .join('');

  test('as many as are asked for, in their order, and all combinations before one comes again', () => {
    expect(variantsOf(list)).toBe(12);
    const all = Array.from({ length: 12 }, (_, seed) => chosen(seed));
    expect(new Set(all).size).toBe(12);
    for (const one of all) expect(one).toMatch(/^always(ab|ac|ad|bc|bd|cd)[xy]$/);
    expect(chosen(12)).toBe(chosen(0));
    expect(chosen(2 ** 31 - 1)).toMatch(/^always/);
  });
});

const machines: readonly Case[] = [
  {
    fault: 'process-killed node=node-1 process=kube-proxy every=10s',
    symptoms: [
      { look: 'node-1: systemctl is-active memory-saver', shows: /^active/ },
      { look: 'kubectl -n kube-system describe pod -l k8s-app=kube-proxy', shows: /Exit Code: +137/ },
      {
        look: 'kubectl -n kube-system get events --field-selector reason=BackOff',
        shows: /Back-off restarting failed container kube-proxy/,
      },
    ],
    wrong: 'kubectl -n kube-system delete pod -l k8s-app=kube-proxy',
    mend: 'node-1: systemctl disable --now memory-saver; kubectl -n kube-system delete pod -l k8s-app=kube-proxy; kubectl -n kube-system delete events --all',
    heals: 60_000,
    stays: [1, 2],
  },
  {
    fault: 'kubelet-stopped node=node-2',
    symptoms: [
      { look: 'kubectl get node node-2', shows: /NotReady/ },
      { look: 'kubectl describe node node-2', shows: /Ready +Unknown .*NodeStatusUnknown +Kubelet stopped posting node status\./ },
      { look: 'node-2: systemctl status kubelet', shows: /disabled[\s\S]*inactive \(dead\)/ },
    ],
    wrong: 'node-2: systemctl restart containerd',
    mend: 'node-2: systemctl enable --now kubelet',
    heals: 15_000,
  },
  {
    fault: 'kubelet-misconfigured node=node-2 mistake=server',
    symptoms: [
      { look: 'kubectl describe node node-2', shows: /Ready +Unknown .*NodeStatusUnknown/ },
      { look: 'node-2: journalctl -u kubelet --since -20s', shows: /Unable to register node with API server.*connection refused/ },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    mend: "node-2: sed -i 's/:6433/:6443/' /etc/kubernetes/kubelet.conf; systemctl restart kubelet",
    heals: 25_000,
  },
  {
    fault: 'kubelet-misconfigured node=node-1 mistake=yaml',
    symptoms: [
      { look: 'kubectl describe node node-1', shows: /Ready +Unknown .*NodeStatusUnknown/ },
      { look: 'node-1: systemctl status kubelet', shows: /activating \(auto-restart\)[\s\S]*error failed to decode: yaml: line 18/ },
    ],
    wrong: 'node-1: systemctl restart kubelet',
    mend: 'node-1: sed -i s/^..clusterDomain/clusterDomain/ /var/lib/kubelet/config.yaml',
    heals: 25_000,
  },
  {
    fault: 'runtime-down node=node-1',
    symptoms: [
      { look: 'kubectl get node node-1', shows: /NotReady/ },
      { look: 'kubectl describe node node-1', shows: /KubeletNotReady.*container runtime is down/ },
      { look: 'node-1: systemctl is-active containerd', shows: /inactive/ },
      { look: 'node-1: crictl ps', shows: /connect.*containerd\.sock/ },
    ],
    wrong: 'node-1: systemctl restart kubelet',
    mend: 'node-1: systemctl enable --now containerd',
    heals: 15_000,
  },
  {
    given: 'kubectl create deployment edge --image=nginx --replicas=4',
    fault: 'cni-missing node=node-2',
    symptoms: [
      { look: 'kubectl get node node-2', shows: /NotReady/ },
      {
        look: 'kubectl describe node node-2',
        shows:
          /Ready +False .*KubeletNotReady +container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized/,
      },
      { look: 'node-2: journalctl -u kubelet --since -15s', shows: /Container runtime network not ready/ },
    ],
    wrong: 'node-2: systemctl restart containerd; systemctl restart kubelet',
    mend: 'node-2: mv /root/cni-old/*.conflist /etc/cni/net.d/',
    heals: 30_000,
  },
  {
    fault: 'cni-missing node=node-1 mistake=broken',
    symptoms: [
      { look: 'kubectl get node node-1', shows: /NotReady/ },
      { look: 'node-1: journalctl -u kubelet --since -15s', shows: /Container runtime network not ready/ },
    ],
    wrong: 'node-1: systemctl restart kubelet',
    mend: "node-1: sed -i '1s/^/{/' /etc/cni/net.d/10-bridge.conflist",
    heals: 30_000,
  },
  {
    fault: 'static-pod-broken component=kube-scheduler mistake=flag',
    symptoms: [
      { look: 'kubectl -n kube-system get pod kube-scheduler-control-plane', shows: /CrashLoopBackOff|Error/ },
      { look: 'crictl logs $(crictl ps -a --name kube-scheduler -q | head -1)', shows: /unknown flag: --leader-elect-timeout/ },
    ],
    wrong: 'kubectl -n kube-system delete pod kube-scheduler-control-plane',
    mend: 'sed -i /leader-elect-timeout/d /etc/kubernetes/manifests/kube-scheduler.yaml',
    heals: 60_000,
  },
  {
    fault: 'static-pod-broken component=kube-controller-manager mistake=image',
    symptoms: [{ look: 'kubectl -n kube-system get pod kube-controller-manager-control-plane', shows: /ErrImagePull|ImagePullBackOff/ }],
    wrong: 'systemctl restart kubelet',
    mend: "sed -i 's/v1.34.11/v1.34.1/' /etc/kubernetes/manifests/kube-controller-manager.yaml",
    heals: 60_000,
  },
  {
    fault: 'static-pod-broken component=kube-apiserver mistake=yaml',
    symptoms: [
      { look: 'kubectl get nodes', shows: /connection to the server .* was refused/ },
      { look: 'journalctl -u kubelet --since -1m', shows: /Could not process manifest file.*kube-apiserver\.yaml/ },
    ],
    wrong: 'systemctl restart kubelet',
    mend: "sed -i 's/^ containers:/  containers:/' /etc/kubernetes/manifests/kube-apiserver.yaml",
    heals: 90_000,
    stays: [1],
  },
  {
    fault: 'static-pod-broken component=kube-scheduler mistake=away',
    symptoms: [{ look: 'kubectl -n kube-system get pods', shows: /^NAME(?!.*kube-scheduler)/s }],
    wrong: 'systemctl restart kubelet',
    mend: 'mv /etc/kubernetes/kube-scheduler.yaml /etc/kubernetes/manifests/',
    heals: 60_000,
  },
  {
    fault: 'cordoned node=node-1',
    symptoms: [
      { look: 'kubectl get node node-1', shows: /Ready,SchedulingDisabled/ },
      { look: 'kubectl describe node node-1', shows: /node\.kubernetes\.io\/unschedulable:NoSchedule/ },
    ],
    wrong: 'kubectl taint node node-1 node.kubernetes.io/unschedulable-',
    mend: 'kubectl uncordon node-1',
    heals: 5000,
  },
  {
    given: 'kubectl create ns shop; kubectl -n shop create deployment web --image=nginx --replicas=2',
    fault: 'quota-exhausted namespace=shop pods=2',
    symptoms: [
      {
        look: `kubectl -n shop delete pod -l app=web --wait=false >/dev/null; kubectl -n shop scale deployment web --replicas=4 >/dev/null; sleep 3; kubectl -n shop get deployment web`,
        shows: /web +2\/4/,
      },
    ],
    wrong: 'kubectl -n shop rollout restart deployment web',
    mend: 'kubectl -n shop delete quota team-limits',
    heals: 60_000,
  },
  {
    given: 'kubectl create configmap keep',
    fault: 'finalizer-stuck resource=configmaps name=keep',
    symptoms: [
      { look: 'kubectl get configmap keep -o yaml', shows: /deletionTimestamp: [\s\S]*finalizers:\n +- backup\.example\.com\/keep/ },
    ],
    wrong: 'kubectl delete configmap keep --force --wait=false',
    mend: `kubectl patch configmap keep --type=merge -p '{"metadata":{"finalizers":null}}'`,
    heals: 5000,
  },
  {
    given: 'kubectl create ns yard; kubectl -n yard create deployment web --image=nginx',
    fault: 'webhook-blocks',
    symptoms: [
      {
        look: 'kubectl -n yard run probe --image=nginx --dry-run=server',
        shows:
          /Internal error occurred: failed calling webhook "image-policy\.example\.com": failed to call webhook: Post "https:\/\/image-policy\.policy-system\.svc:443\/validate\?timeout=10s": dial tcp 10\.96\.[\d.]+:443: connect: connection refused/,
      },
    ],
    wrong: 'kubectl -n yard rollout restart deployment web',
    mend: 'kubectl delete validatingwebhookconfiguration image-policy',
    heals: 5000,
  },
];

const room: readonly Case[] = [
  {
    given: 'kubectl create deployment guest --image=nginx --replicas=4',
    fault: 'disk-full node=node-1',
    symptoms: [
      { look: 'kubectl describe node node-1', shows: /DiskPressure +True .*KubeletHasDiskPressure +kubelet has disk pressure/ },
      { look: 'kubectl describe node node-1', shows: /node\.kubernetes\.io\/disk-pressure:NoSchedule/ },
      { look: 'node-1: df -h /', shows: /9[67]% \// },
      { look: 'node-1: du -sh /var/log/app', shows: /^\d\dG/ },
      { look: 'kubectl get pods -o custom-columns=NODE:.spec.nodeName,REASON:.status.reason', shows: /node-1 +Evicted/ },
    ],
    wrong: 'kubectl taint node node-1 node.kubernetes.io/disk-pressure:NoSchedule-',
    mend: 'node-1: truncate -s 0 /var/log/app/debug.log',
    heals: 330_000,
    stays: [4],
  },
  {
    fault: 'memory-full node=node-2',
    symptoms: [
      { look: 'kubectl describe node node-2', shows: /MemoryPressure +True .*KubeletHasInsufficientMemory/ },
      { look: 'kubectl get pods -l app=report-cache -o custom-columns=REASON:.status.reason', shows: /Evicted/ },
      { look: 'kubectl get events -A', shows: /EvictionThresholdMet.*Attempting to reclaim memory/ },
    ],
    wrong: 'kubectl delete pods -l app=report-cache',
    mend: 'kubectl scale deployment report-cache --replicas=0; kubectl delete pods -l app=report-cache',
    heals: 330_000,
    stays: [2],
  },
];

const wires: readonly Case[] = [
  {
    fault: 'network-degraded node=node-2 loss=100',
    symptoms: [
      { look: 'kubectl get node node-2', shows: /NotReady/ },
      { look: 'kubectl describe node node-2', shows: /NodeStatusUnknown +Kubelet stopped posting node status/ },
      { look: 'node-2: tc qdisc show dev eth0', shows: /^qdisc netem 8001: root refcnt 2 limit 1000 loss 100%$/m },
      { look: 'node-2: journalctl -u kubelet --since -40s', shows: /dial tcp 172\.18\.0\.2:6443: i\/o timeout/ },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    mend: 'node-2: tc qdisc del dev eth0 root',
    heals: 60_000,
  },
  {
    fault: 'network-degraded node=node-1 delay=300ms',
    symptoms: [
      { look: 'ping -c 2 172.18.0.3', shows: /time=30\d/ },
      { look: 'node-1: tc qdisc show', shows: /qdisc netem 8001: dev eth0 root refcnt 2 limit 1000 delay 300ms/ },
    ],
    wrong: 'node-1: tc qdisc del dev lo root',
    mend: 'node-1: tc qdisc replace dev eth0 root netem delay 1ms; tc qdisc del dev eth0 root',
    heals: 5000,
  },
];

const requests: readonly Case[] = [
  {
    fault: 'api-starved',
    symptoms: [
      { look: 'kubectl get nodes', shows: /the server has received too many requests and has asked us to try again later/ },
      {
        look: 'KUBECONFIG=/etc/kubernetes/super-admin.conf kubectl get flowschema noisy-clients',
        shows: /noisy-clients +noisy-clients +5/,
      },
    ],
    wrong: 'crictl stop $(crictl ps -q --name kube-apiserver)',
    mend: 'KUBECONFIG=/etc/kubernetes/super-admin.conf kubectl delete flowschema noisy-clients',
    heals: 60_000,
  },
];

const kubeconfig: readonly Case[] = [
  {
    fault: 'kubeconfig-wrong mistake=port',
    symptoms: [{ look: 'kubectl get nodes', shows: /connection to the server .*:6433 was refused/ }],
    wrong: 'systemctl restart kubelet',
    mend: 'cp /etc/kubernetes/admin.conf /root/.kube/config',
    heals: 1000,
  },
  {
    fault: 'kubeconfig-wrong mistake=context',
    symptoms: [
      { look: 'kubectl get nodes', shows: /Error in configuration: context was not found for specified context: admin@production/ },
    ],
    wrong: 'kubectl config set-context admin@production --namespace=default >/dev/null; kubectl config delete-context admin@production',
    mend: 'kubectl config use-context kubernetes-admin@kubernetes',
    heals: 1000,
  },
  {
    fault: 'kubeconfig-wrong mistake=authority',
    symptoms: [{ look: 'kubectl get nodes', shows: /unable to load root certificates: unable to parse bytes as PEM block/ }],
    wrong: 'systemctl restart kubelet',
    mend: 'cp /etc/kubernetes/admin.conf /root/.kube/config',
    heals: 1000,
  },
];

const certificates: readonly Case[] = [
  {
    fault: 'certificate-expired owner=kubelet node=node-2',
    symptoms: [
      { look: 'kubectl get node node-2', shows: /NotReady/ },
      {
        look: 'node-2: journalctl -u kubelet --since -30s',
        shows: /certificate in \/etc\/kubernetes\/kubelet.conf is expired[\s\S]*unable to load bootstrap kubeconfig/,
      },
    ],
    wrong: 'node-2: systemctl restart kubelet',
    mend: (cluster) => {
      cluster.pki.writeKubeconfig(cluster.machine('node-2')!.fs, ['/etc/kubernetes/kubelet.conf'], 'system:node:node-2', ['system:nodes']);
      run(cluster, 'node-2: systemctl restart kubelet');
    },
    heals: 30_000,
  },
  {
    fault: 'certificate-expired owner=admin',
    symptoms: [{ look: 'kubectl get nodes', shows: /You must be logged in to the server|Unauthorized/ }],
    wrong: 'systemctl restart kubelet',
    mend: 'KUBECONFIG=/etc/kubernetes/super-admin.conf kubectl get nodes >/dev/null && cp /etc/kubernetes/super-admin.conf /root/.kube/config',
    heals: 1000,
  },
  {
    fault: 'certificate-expired owner=apiserver',
    symptoms: [
      {
        look: 'kubectl get nodes',
        shows: /tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time/,
      },
    ],
    wrong: 'crictl stop $(crictl ps -q --name kube-apiserver)',
    mend: (cluster) => {
      const { pki, kernel } = cluster;
      const { fs } = cluster.machine('control-plane')!;
      const path = '/etc/kubernetes/pki/apiserver';
      const { subject, usages, dnsNames, ips } = parseCertificates(textOf(fs.readFile(`${path}.crt`)))[0]!;
      const renewed = pki.authority.issue({ subject, usages, dnsNames, ips, notBeforeMs: kernel.clock.unixMs });
      fs.writeFile(`${path}.crt`, utf8(renewed.pem));
      fs.writeFile(`${path}.key`, utf8(renewed.key!.pem));
    },
    heals: 60_000,
  },
];

const leadershipAndAddresses: readonly Case[] = [
  {
    fault: 'leader-lost component=kube-scheduler',
    symptoms: [
      {
        look: 'kubectl -n kube-system logs kube-scheduler-control-plane --tail=3',
        shows: /error retrieving resource lock kube-system\/kube-scheduler: leases\.coordination\.k8s\.io "kube-scheduler" is forbidden/,
      },
      {
        look: 'kubectl -n kube-system get lease kube-scheduler -o jsonpath={.spec.renewTime}; echo; sleep 5; kubectl -n kube-system get lease kube-scheduler -o jsonpath={.spec.renewTime}',
        shows: /^(\S+)\n\1$/,
      },
    ],
    wrong: 'kubectl -n kube-system delete pod kube-scheduler-control-plane; crictl stop $(crictl ps -q --name kube-scheduler)',
    mend: 'crictl stop $(crictl ps -q --name kube-apiserver)',
    heals: 60_000,
    stays: [0],
  },
  {
    given: 'kubectl create deployment crowd --image=nginx --replicas=0',
    fault: 'addresses-exhausted node=node-1 prefix=29',
    symptoms: [
      {
        look: 'kubectl scale deployment crowd --replicas=16 >/dev/null; sleep 20; kubectl get events --field-selector reason=FailedCreatePodSandBox; kubectl get pods -l app=crowd; kubectl scale deployment crowd --replicas=0 >/dev/null; kubectl delete events --all >/dev/null; sleep 20',
        shows: /no IP addresses available in range set: 10\.244\.\d\.1-10\.244\.\d\.6[\s\S]*ContainerCreating/,
      },
    ],
    wrong: 'node-1: systemctl restart kubelet',
    mend: "node-1: sed -i 's#/29#/24#' /etc/cni/net.d/10-bridge.conflist",
    heals: 30_000,
  },
  {
    fault: 'registry-failing registry=docker.io mode=rate-limited',
    symptoms: [
      {
        look: 'node-1: crictl pull httpd:2.4',
        shows: /429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit/,
      },
    ],
    wrong: 'node-1: systemctl restart containerd',
    mend: ({ registry }) => registry.fail('docker.io', undefined),
    heals: 1000,
  },
];

const objects: readonly Case[] = [
  {
    given: 'kubectl create deployment front --image=nginx; kubectl expose deployment front --port=80',
    fault: `edited resource=services name=front patch={"spec":{"selector":{"app":"frnt"}}}`,
    symptoms: [{ look: 'kubectl get endpointslices -l kubernetes.io/service-name=front', shows: /<unset>/ }],
    wrong: 'kubectl rollout restart deployment front',
    mend: `kubectl patch svc front -p '{"spec":{"selector":{"app":"front"}}}'`,
    heals: 10_000,
  },
  {
    given: 'kubectl create deployment shelf --image=nginx; kubectl expose deployment shelf --port=80',
    fault: 'label-drift selector=app=shelf label=app value=shelves',
    symptoms: [{ look: 'kubectl get pods -l app=shelves', shows: /Running/ }],
    wrong: 'kubectl rollout restart deployment shelf',
    mend: 'kubectl delete pods -l app=shelves',
    heals: 10_000,
  },
];

const namesAndServices: readonly Case[] = [
  {
    fault: 'coredns-broken mistake=syntax',
    symptoms: [
      { look: 'kubectl -n kube-system get pods -l k8s-app=kube-dns', shows: /CrashLoopBackOff|Error/ },
      { look: 'kubectl -n kube-system logs -l k8s-app=kube-dns', shows: /Unknown directive 'errrors'/ },
    ],
    wrong: 'kubectl -n kube-system rollout restart deployment coredns',
    mend: `kubectl -n kube-system get cm coredns -o yaml | sed 's/errrors/errors/' | kubectl replace -f -; kubectl -n kube-system rollout restart deployment coredns`,
    heals: 120_000,
  },
  {
    fault: 'coredns-broken mistake=domain',
    symptoms: [
      {
        look: 'kubectl run t1 --rm -i --restart=Never --image=busybox -q -- nslookup kubernetes.default.svc.cluster.local',
        shows: /NXDOMAIN/,
      },
    ],
    wrong: 'kubectl -n kube-system rollout restart deployment coredns',
    mend: `kubectl -n kube-system get cm coredns -o yaml | sed 's/cluster.lokal/cluster.local/' | kubectl replace -f -`,
    heals: 120_000,
  },
  {
    fault: 'coredns-broken mistake=loop',
    symptoms: [{ look: 'kubectl -n kube-system logs -l k8s-app=kube-dns', shows: /Loop \(127\.0\.0\.1.*detected/ }],
    wrong: 'kubectl -n kube-system rollout restart deployment coredns',
    mend: "kubectl -n kube-system get cm coredns -o yaml | sed 's#forward . 127.0.0.1#forward . /etc/resolv.conf#' | kubectl replace -f -; kubectl -n kube-system rollout restart deployment coredns",
    heals: 90_000,
  },
  {
    fault: 'coredns-broken mistake=scaled-down',
    symptoms: [{ look: 'kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns', shows: /<unset>/ }],
    wrong: 'kubectl -n kube-system rollout restart deployment coredns',
    mend: 'kubectl -n kube-system scale deployment coredns --replicas=2',
    heals: 30_000,
  },
  {
    fault: 'coredns-broken mistake=poisoned name=kubernetes.default.svc.cluster.local',
    symptoms: [
      {
        look: 'kubectl run t2 --rm -i --restart=Never --image=busybox -q -- nslookup kubernetes.default.svc.cluster.local',
        shows: /Address: 10\.96\.255\.254/,
      },
    ],
    wrong: 'kubectl -n kube-system rollout restart deployment coredns',
    mend: "kubectl -n kube-system get cm coredns -o yaml | sed 's/10.96.255.254 kubernetes.default.svc.cluster.local//' | kubectl replace -f -",
    heals: 120_000,
  },
  {
    fault: 'kube-proxy-broken mistake=selector',
    symptoms: [{ look: 'kubectl -n kube-system get ds kube-proxy', shows: /kube-proxy +0 +0 +0/ }],
    wrong: 'kubectl -n kube-system rollout restart ds kube-proxy',
    mend: 'kubectl -n kube-system patch ds kube-proxy --type=json -p \'[{"op":"remove","path":"/spec/template/spec/nodeSelector/node-role.example.com~1proxy"}]\'',
    heals: 30_000,
  },
  {
    fault: 'kube-proxy-broken mistake=mode',
    symptoms: [
      { look: 'kubectl -n kube-system get pods -l k8s-app=kube-proxy', shows: /CrashLoopBackOff|Error/ },
      {
        look: 'kubectl -n kube-system logs -l k8s-app=kube-proxy',
        shows: /Invalid value: .*iptable.*must be iptables, ipvs, nftables or blank/,
      },
    ],
    wrong: 'kubectl -n kube-system rollout restart ds kube-proxy',
    mend: `kubectl -n kube-system get cm kube-proxy -o yaml | sed 's/mode: iptable/mode: ""/' | kubectl replace -f -; kubectl -n kube-system rollout restart ds kube-proxy`,
    heals: 60_000,
  },
];

describe.each([
  { name: 'machines', cases: machines },
  { name: 'room', cases: room },
  { name: 'wires', cases: wires },
  { name: 'requests', cases: requests },
  { name: 'kubeconfig', cases: kubeconfig },
  { name: 'certificates', cases: certificates },
  { name: 'leadership and addresses', cases: leadershipAndAddresses },
  { name: 'objects', cases: objects },
  { name: 'names and Services', cases: namesAndServices },
])('a cause, its symptoms and its mend: $name', ({ cases }) => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = brokenCluster();
  });

  test.each(cases)('$fault', (row) => prove(cluster, row));
});
