/** The cluster's certificates under /etc/kubernetes/pki, as `kubeadm init` lays them down, and its kubeconfig files. */
import type { RestConfig } from '../client/index.ts';
import { rememberKubeconfig } from '../client/kubeconfig.ts';
import type { Credential } from '../control-plane/kube-apiserver/endpoint.ts';
import type { ByteString, FileSystem, Kernel } from '../kernel/index.ts';
import { base64, LazyFile, utf8 } from '../kernel/index.ts';
import { hostPort } from '../machinery/ipv6.ts';
import { fileStamp } from '../node/kubelet/client-certificate.ts';
import type { CertificateRequest, IssuedCertificate, KeyPair } from '../machinery/x509/index.ts';
import { CertificateAuthority, createKeyPair, publicKeyPem, rememberCertificate } from '../machinery/x509/index.ts';

export const apiServerPort = 6443;
const pki = '/etc/kubernetes/pki';
const kubeletPki = '/var/lib/kubelet/pki';

const urlOf = (ip: string): string => `https://${hostPort(ip, apiServerPort)}`;

/** Issues and writes everything that proves who is who. Nothing is signed before someone looks. */
export class Pki {
  readonly authority: CertificateAuthority;
  readonly etcdAuthority: CertificateAuthority;
  readonly #frontProxyAuthority: CertificateAuthority;
  readonly #serviceAccountKey: KeyPair;
  readonly #kernel: Kernel;
  readonly #endpoint: string;

  /** `endpoint` is the address at which clients find the API servers. */
  constructor(kernel: Kernel, endpoint: string) {
    const { random, clock } = kernel;
    this.#kernel = kernel;
    this.#endpoint = endpoint;
    this.authority = new CertificateAuthority(random, 'kubernetes', clock.unixMs);
    this.etcdAuthority = new CertificateAuthority(random, 'etcd-ca', clock.unixMs);
    this.#frontProxyAuthority = new CertificateAuthority(random, 'front-proxy-ca', clock.unixMs);
    this.#serviceAccountKey = createKeyPair(random);
  }

  /** The control plane's own folder. */
  write(fs: FileSystem, node: { readonly name: string; readonly ip: string }, serviceIP: string): void {
    const dnsNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', node.name];
    this.#writeAuthority(fs, `${pki}/ca`, this.authority);
    this.#writeAuthority(fs, `${pki}/etcd/ca`, this.etcdAuthority);
    this.#writeAuthority(fs, `${pki}/front-proxy-ca`, this.#frontProxyAuthority);
    this.#writePair(
      fs,
      `${pki}/apiserver`,
      this.#issue(this.authority, 'kube-apiserver', ['server auth'], {
        dnsNames,
        ips: [...new Set([serviceIP, node.ip, this.#endpoint])],
      }),
    );
    this.#writePair(
      fs,
      `${pki}/apiserver-kubelet-client`,
      this.#issue(this.authority, 'kube-apiserver-kubelet-client', ['client auth'], { organizations: ['kubeadm:cluster-admins'] }),
    );
    this.#writePair(fs, `${pki}/apiserver-etcd-client`, this.#issue(this.etcdAuthority, 'kube-apiserver-etcd-client', ['client auth'], {}));
    this.#writePair(fs, `${pki}/front-proxy-client`, this.#issue(this.#frontProxyAuthority, 'front-proxy-client', ['client auth'], {}));
    for (const name of ['server', 'peer'])
      this.#writePair(
        fs,
        `${pki}/etcd/${name}`,
        this.#issue(this.etcdAuthority, node.name, ['server auth', 'client auth'], {
          dnsNames: [node.name, 'localhost'],
          ips: [node.ip, '127.0.0.1', '::1'],
        }),
      );
    this.#writePair(
      fs,
      `${pki}/etcd/healthcheck-client`,
      this.#issue(this.etcdAuthority, 'kube-etcd-healthcheck-client', ['client auth'], {}),
    );
    const key = this.#serviceAccountKey;
    this.#link(fs, `${pki}/sa.key`, () => key.pem, 0o600);
    this.#link(fs, `${pki}/sa.pub`, () => publicKeyPem(key.publicKey), 0o600);
  }

  /** The cluster's certificate authority alone, as every node has it. */
  writeAuthority(fs: FileSystem): void {
    this.#linkCertificate(fs, `${pki}/ca.crt`, this.authority.certificate, 0o644);
  }

  /** A kubeconfig file for a user with a client certificate, who asks at `ip` (the endpoint by default). Returns the credential. */
  writeKubeconfig(
    fs: FileSystem,
    paths: readonly string[],
    user: string,
    organizations: readonly string[],
    ip = this.#endpoint,
  ): Credential {
    const issued = this.#issue(this.authority, user, ['client auth'], { organizations });
    const credential = this.#credential(issued);
    const { authority } = this;
    const config = this.#config(credential, ip);
    const url = urlOf(ip);
    const embedded = (): string =>
      `    client-certificate-data: ${base64(utf8(issued.pem))}\n    client-key-data: ${base64(utf8(issued.key!.pem))}\n`;
    for (const path of paths) {
      const file = this.#link(fs, path, () => kubeconfig({ url, user, authority, credentials: embedded() }), 0o600);
      rememberKubeconfig(file, () => file.isPristine, config);
    }
    return credential;
  }

  /** kubelet.conf, and the certificate that it names, as the kubelet keeps it. */
  writeKubeletFiles(fs: FileSystem, nodeName: string, ip = this.#endpoint): void {
    const user = `system:node:${nodeName}`;
    const issued = this.#issue(this.authority, user, ['client auth'], { organizations: ['system:nodes'] });
    const path = `${kubeletPki}/kubelet-client-${fileStamp(this.#kernel.clock.unixMs)}.pem`;
    const pem = this.#link(fs, path, () => `${issued.pem}${issued.key!.pem}`, 0o600);
    rememberCertificate(pem, () => pem.isPristine, issued);
    const current = `${kubeletPki}/kubelet-client-current.pem`;
    fs.symlink(path, current);
    const { authority } = this;
    const file = this.#link(
      fs,
      '/etc/kubernetes/kubelet.conf',
      () =>
        kubeconfig({ url: urlOf(ip), user, authority, credentials: `    client-certificate: ${current}\n    client-key: ${current}\n` }),
      0o600,
    );
    rememberKubeconfig(
      file,
      () => file.isPristine && pem.isPristine && fs.find(current) === pem,
      this.#config(this.#credential(issued), ip),
    );
  }

  #credential(issued: IssuedCertificate): Credential {
    return {
      type: 'certificate',
      issued,
      get certificate() {
        return issued.pem;
      },
      get key() {
        return issued.key!.pem;
      },
    };
  }

  #config(credential: Credential, ip: string): RestConfig {
    const { authority } = this;
    return {
      server: { ip, port: apiServerPort },
      isTls: true,
      authorities: () => [authority.certificate],
      credential,
      namespace: 'default',
    };
  }

  #issue(
    authority: CertificateAuthority,
    commonName: string,
    usages: CertificateRequest['usages'],
    more: { readonly organizations?: readonly string[]; readonly dnsNames?: readonly string[]; readonly ips?: readonly string[] },
  ): IssuedCertificate {
    const { organizations, dnsNames, ips } = more;
    return authority.issue({ subject: { commonName, organizations }, usages, dnsNames, ips, notBeforeMs: this.#kernel.clock.unixMs });
  }

  #writeAuthority(fs: FileSystem, path: string, authority: CertificateAuthority): void {
    this.#linkCertificate(fs, `${path}.crt`, authority.certificate, 0o644);
    this.#link(fs, `${path}.key`, () => authority.key.pem, 0o600);
  }

  #writePair(fs: FileSystem, path: string, issued: IssuedCertificate): void {
    this.#linkCertificate(fs, `${path}.crt`, issued, 0o644);
    this.#link(fs, `${path}.key`, () => issued.key!.pem, 0o600);
  }

  /** Says what the file holds, so that a server that trusts it need not read it. */
  #linkCertificate(fs: FileSystem, path: string, certificate: IssuedCertificate, mode: number): void {
    const file = this.#link(fs, path, () => certificate.pem, mode);
    rememberCertificate(file, () => file.isPristine, certificate);
  }

  #link(fs: FileSystem, path: string, make: () => string, mode: number): LazyFile {
    const file = new LazyFile(() => make() as ByteString, mode, this.#kernel.loop.now);
    fs.mkdirs(path.slice(0, path.lastIndexOf('/')));
    fs.link(path, file);
    return file;
  }
}

function kubeconfig({
  url,
  user,
  authority,
  credentials,
}: {
  readonly url: string;
  readonly user: string;
  readonly authority: CertificateAuthority;
  /** The lines below `user:`. */
  readonly credentials: string;
}): string {
  const context = `${user}@kubernetes`;
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(utf8(authority.certificate.pem))}
    server: ${url}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${context}
current-context: ${context}
kind: Config
preferences: {}
users:
- name: ${user}
  user:
${credentials}`;
}
