import type { Cluster } from '../cluster/index.ts';
import type { FileSystem } from '../kernel/index.ts';
import { base64, fromBase64, textOf, utf8 } from '../kernel/index.ts';
import { parseCertificates } from '../machinery/x509/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { choice, machine, span } from './parameters.ts';
import { killProcess, machineOf, systemdOf, unitOf } from './site.ts';

const yearMs = 365 * 86_400_000;

const owners = ['apiserver', 'kubelet', 'admin', 'scheduler', 'controller-manager', 'etcd-server', 'etcd-peer'] as const;

/** Certificates in files of their own: where, and the process that shows them. */
const servers = {
  apiserver: { path: '/etc/kubernetes/pki/apiserver', component: 'kube-apiserver' },
  'etcd-server': { path: '/etc/kubernetes/pki/etcd/server', component: 'etcd' },
  'etcd-peer': { path: '/etc/kubernetes/pki/etcd/peer', component: 'etcd' },
} as const;

const kubeconfigs: Readonly<Record<Exclude<(typeof owners)[number], keyof typeof servers>, readonly string[]>> = {
  kubelet: ['/etc/kubernetes/kubelet.conf'],
  admin: ['/etc/kubernetes/admin.conf', '/root/.kube/config'],
  scheduler: ['/etc/kubernetes/scheduler.conf'],
  'controller-manager': ['/etc/kubernetes/controller-manager.conf'],
};

/** The same certificate as it would be had it been issued a year and a while ago. */
function aged(
  cluster: Cluster,
  pem: string,
  agoMs: number,
  authority = cluster.pki.authority,
): { readonly certificate: string; readonly key: string } {
  const [certificate] = parseCertificates(pem);
  if (!certificate) throw new FaultError('there is no certificate that could run out');
  const notAfterMs = cluster.kernel.clock.unixMs - agoMs;
  const { subject, usages, dnsNames, ips } = certificate;
  const issued = authority.issue({ subject, usages, dnsNames, ips, notBeforeMs: notAfterMs - yearMs, notAfterMs });
  return { certificate: issued.pem, key: issued.key!.pem };
}

function read(fs: FileSystem, path: string): string {
  if (fs.find(path)?.kind !== 'file') throw new FaultError(`there is no file ${path}`);
  return textOf(fs.readFile(path));
}

function ageKubeconfig(cluster: Cluster, fs: FileSystem, path: string, agoMs: number): void {
  const text = read(fs, path);
  const file = /^ *client-certificate: (\S+)$/m.exec(text)?.[1];
  const data = /^ *client-certificate-data: (\S+)$/m.exec(text)?.[1];
  const pem = file === undefined ? textOf(fromBase64(data ?? '') ?? utf8('')) : read(fs, file);
  const { certificate, key } = aged(cluster, pem, agoMs);
  if (file !== undefined) {
    fs.writeFile(file, utf8(`${certificate}${key}`), 0o600);
    return;
  }
  const renewed = text
    .replace(/^( *client-certificate-data: )\S+$/m, (_, head: string) => head + base64(utf8(certificate)))
    .replace(/^( *client-key-data: )\S+$/m, (_, head: string) => head + base64(utf8(key)));
  fs.writeFile(path, utf8(renewed), 0o600);
}

export const certificateExpired = defineFault({
  name: 'certificate-expired',
  cause:
    'A certificate was issued a year ago and has run out: the serving certificate of the API server (/etc/kubernetes/pki/apiserver.crt), the one that etcd shows to its clients or to its peers (/etc/kubernetes/pki/etcd/server.crt, peer.crt), or the client certificate in the kubeconfig of a kubelet, of the administrator, the scheduler or the controller manager. Whoever uses it has started since.',
  symptoms:
    '`apiserver`: every client says `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time … is after …`; nodes go `NotReady`, nothing reacts. `etcd-server`: `etcdctl` and an API server that starts say the same of 2379, and etcd logs `rejected connection on client endpoint` with `remote error: tls: bad certificate`. `etcd-peer`, with several members: this one cannot join the group, nor the group reach it; every log has `rejected connection on peer endpoint` and `prober detected unhealthy status`, its own with `remote error: tls: expired certificate`; `etcdctl endpoint status` there says `etcdserver: no leader`, `etcdctl endpoint health` `context deadline exceeded`, and the metric `etcd_network_active_peers` is 0. The others: the API server answers `401`, kubectl `You must be logged in to the server`; the log of kube-apiserver says `Unable to authenticate the request` and why; a kubelet does not start (`journalctl -u kubelet`: its certificate `is expired`, `unable to load bootstrap kubeconfig`, since it would ask for another with a bootstrap token) and the node goes `NotReady`; a scheduler or controller manager cannot get its Lease and does nothing. `openssl x509 -noout -enddate` and `kubeadm certs check-expiration` show the date.',
  mend: '`kubeadm certs renew` on the control plane (etcd reads its files at each handshake); a component that read its kubeconfig at its start must be started again, and /root/.kube/config is a copy of admin.conf. A kubelet needs a new kubelet.conf (`kubeadm kubeconfig user --org system:nodes --client-name system:node:NODE`), then `systemctl restart kubelet`.',
  parameters: {
    owner: choice('whose certificate', owners, 'apiserver'),
    node: machine('the machine on which it lies', 'control-plane'),
    ago: span('how long ago it ran out', '2h'),
  },
  showsAfterMs: 60_000,
  *inject(cluster, { owner, node, ago }) {
    const { fs } = machineOf(cluster, node);
    if (owner === 'apiserver' || owner === 'etcd-server' || owner === 'etcd-peer') {
      const { path, component } = servers[owner];
      const authority = component === 'etcd' ? cluster.pki.etcdAuthority : cluster.pki.authority;
      const { certificate, key } = aged(cluster, read(fs, `${path}.crt`), ago, authority);
      fs.writeFile(`${path}.crt`, utf8(certificate), 0o644);
      fs.writeFile(`${path}.key`, utf8(key), 0o600);
      killProcess(cluster, node, component);
      return;
    }
    for (const path of kubeconfigs[owner]) if (owner !== 'admin' || fs.find(path)) ageKubeconfig(cluster, fs, path, ago);
    if (owner === 'kubelet') systemdOf(cluster, node).restart(unitOf(cluster, node, 'kubelet.service'));
    else if (owner !== 'admin') killProcess(cluster, node, `kube-${owner}`);
  },
});
