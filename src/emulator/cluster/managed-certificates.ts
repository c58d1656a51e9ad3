/** The certificates that kubeadm looks after, in files and in kubeconfigs (cmd/kubeadm/app/phases/certs and renewal). */
import type { FileSystem, Kernel } from '../kernel/index.ts';
import { base64, fromBase64, textOf, utf8 } from '../kernel/index.ts';
import type { Certificate, KeyPair } from '../machinery/x509/index.ts';
import { certificatesIn, certificatesOf, createKeyPair, IssuedCertificate, parseKeyPair } from '../machinery/x509/index.ts';

const pki = '/etc/kubernetes/pki';

/** An authority that cannot sign, in kubeadm's words. */
export class PkiError extends Error {}

/** A certificate that `kubeadm certs renew` knows. */
export interface ManagedCertificate {
  readonly name: string;
  readonly longName: string;
  /** Of a kubeconfig the file, of a certificate the path without its ending. */
  readonly path: string;
  readonly authority: Authority;
}

export interface Authority {
  readonly name: string;
  /** Below the folder of certificates, without ending. */
  readonly base: string;
}

const ca: Authority = { name: 'ca', base: 'ca' };
const etcdCA: Authority = { name: 'etcd-ca', base: 'etcd/ca' };
const frontProxyCA: Authority = { name: 'front-proxy-ca', base: 'front-proxy-ca' };
export const authorities: readonly Authority[] = [ca, etcdCA, frontProxyCA];

const inKubeconfig = (file: string, whom: string): ManagedCertificate => ({
  name: file,
  longName: `certificate embedded in the kubeconfig file for ${whom}`,
  path: `/etc/kubernetes/${file}`,
  authority: ca,
});
const inFile = (name: string, base: string, longName: string, authority = ca): ManagedCertificate => ({
  name,
  longName,
  path: `${pki}/${base}`,
  authority,
});

/** In the order of their names. */
export const managed: readonly ManagedCertificate[] = [
  inKubeconfig('admin.conf', 'the admin to use and for kubeadm itself'),
  inFile('apiserver', 'apiserver', 'certificate for serving the Kubernetes API'),
  inFile('apiserver-etcd-client', 'apiserver-etcd-client', 'certificate the apiserver uses to access etcd', etcdCA),
  inFile('apiserver-kubelet-client', 'apiserver-kubelet-client', 'certificate for the API server to connect to kubelet'),
  inKubeconfig('controller-manager.conf', 'the controller manager to use'),
  inFile('etcd-healthcheck-client', 'etcd/healthcheck-client', 'certificate for liveness probes to healthcheck etcd', etcdCA),
  inFile('etcd-peer', 'etcd/peer', 'certificate for etcd nodes to communicate with each other', etcdCA),
  inFile('etcd-server', 'etcd/server', 'certificate for serving etcd', etcdCA),
  inFile('front-proxy-client', 'front-proxy-client', 'certificate for the front proxy client', frontProxyCA),
  inKubeconfig('scheduler.conf', 'the scheduler manager to use'),
  inKubeconfig('super-admin.conf', 'the super-admin'),
];

const isKubeconfig = ({ path }: ManagedCertificate): boolean => path.endsWith('.conf');

const embedded = /^(\s*client-certificate-data: )(\S+)$/m;
const embeddedKey = /^(\s*client-key-data: )(\S+)$/m;

export function certificateOf(fs: FileSystem, which: ManagedCertificate): Certificate | undefined {
  if (!isKubeconfig(which)) return certificatesIn(fs, `${which.path}.crt`)[0];
  if (!fs.find(which.path)) return undefined;
  const data = embedded.exec(textOf(fs.readFile(which.path)))?.[2];
  const pem = data === undefined ? undefined : fromBase64(data);
  return pem === undefined ? undefined : certificatesOf(textOf(pem))[0];
}

export const authorityOf = (fs: FileSystem, { base }: Authority): Certificate | undefined => certificatesIn(fs, `${pki}/${base}.crt`)[0];

/** Without its key an authority is somebody else's, and kubeadm can renew nothing by it. */
export const isExternal = (fs: FileSystem, { base }: Authority): boolean => base !== 'etcd/ca' && !fs.find(`${pki}/${base}.key`);

/** Who signs. Throws a PkiError without a certificate and key that fit. */
export function signer(fs: FileSystem, { base }: Authority): { readonly certificate: Certificate; readonly key: KeyPair } {
  const certificate = certificatesIn(fs, `${pki}/${base}.crt`)[0];
  if (!certificate)
    throw new PkiError(
      `failure loading ${base} certificate: couldn't load the certificate file ${pki}/${base}.crt: open ${pki}/${base}.crt: no such file or directory`,
    );
  const path = `${pki}/${base}.key`;
  const key = fs.find(path) ? parseKeyPair(textOf(fs.readFile(path))) : undefined;
  if (!key)
    throw new PkiError(`failure loading ${base} key: couldn't load the private key file ${path}: open ${path}: no such file or directory`);
  return { certificate, key };
}

/** On whose machine, by which clock and with which chance. */
export interface PkiHost {
  readonly fs: FileSystem;
  readonly kernel: Kernel;
}

/** Unix milliseconds. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** From when the authority began until so long from now, as kubeadm gives it. */
export function validFor({ fs, kernel }: PkiHost, by: Authority, periodMs: number): Validity {
  return { notBeforeMs: signer(fs, by).certificate.notBeforeMs, notAfterMs: kernel.clock.unixMs + periodMs };
}

/** A certificate that says the same, with a new key (renewal/filerenewal.go). */
export function reissue(
  { fs, kernel }: PkiHost,
  like: Pick<Certificate, 'subject' | 'usages' | 'dnsNames' | 'ips'>,
  by: Authority,
  validity: Validity,
): IssuedCertificate {
  const { certificate, key } = signer(fs, by);
  const { subject, usages, dnsNames, ips } = like;
  const serialNumber = `4${kernel.random.hex(15)}`;
  const content = { serialNumber, subject, issuer: certificate.subject, ...validity, usages, dnsNames, ips, isCA: false };
  return new IssuedCertificate(content, createKeyPair(kernel.random), undefined, key);
}

/** Puts a certificate of this validity in the place of what is there, which says who it is for. Throws a PkiError. */
export function renewInPlace(host: PkiHost, which: ManagedCertificate, current: Certificate, validity: Validity): void {
  const { fs } = host;
  const { pem, key } = reissue(host, current, which.authority, validity);
  if (isKubeconfig(which)) {
    const text = textOf(fs.readFile(which.path))
      .replace(embedded, `$1${base64(utf8(pem))}`)
      .replace(embeddedKey, `$1${base64(utf8(key!.pem))}`);
    fs.writeFile(which.path, utf8(text), 0o600);
    return;
  }
  fs.writeFile(`${which.path}.crt`, utf8(pem), 0o644);
  fs.writeFile(`${which.path}.key`, utf8(key!.pem), 0o600);
}
