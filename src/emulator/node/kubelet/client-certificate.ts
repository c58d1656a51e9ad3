/**
 * The kubelet's own client certificate: looked at when it starts, asked for with a bootstrap token when there is none that is
 * good, and renewed well before it expires (pkg/kubelet/certificate, client-go/util/certificate).
 */
import { certificateSigningRequests } from '../../api/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import type { Client, Credential, RestConfig } from '../../client/index.ts';
import { connectClient, KubeconfigError, loadKubeconfig } from '../../client/index.ts';
import type { Call, FileSystem, Kernel, Sys } from '../../kernel/index.ts';
import { base64, civilTime, formatTime, fromBase64, isErrno, textOf, utf8 } from '../../kernel/index.ts';
import type { Draft } from '../../machinery/objects.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Certificate, KeyPair } from '../../machinery/x509/index.ts';
import { certificatesOf, createKeyPair, createSigningRequest } from '../../machinery/x509/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';

const folder = '/var/lib/kubelet/pki';
export const currentCertificate = `${folder}/kubelet-client-current.pem`;
const signer = 'kubernetes.io/kube-apiserver-client-kubelet';
/** How long it waits for the signature (certificateWaitTimeout), and how often it looks. */
const waitMs = 900_000;
const lookMs = 1000;
const retryMs = 60_000;

/** A kubelet that has no way to prove who it is. */
export class BootstrapError extends Error {}

const two = (n: number): string => String(n).padStart(2, '0');

/** `2025-11-03-09-00-00`. */
export function fileStamp(unixMs: number): string {
  const { year, month, day, hour, minute, second } = civilTime(unixMs);
  return [year, two(month), two(day), two(hour), two(minute), two(second)].join('-');
}

/** What a file says of who its user is; undefined for another kind of credential. */
function certificateOf({ credential }: RestConfig): Certificate | undefined {
  if (credential.type !== 'certificate') return undefined;
  return credential.issued ?? certificatesOf(credential.certificate)[0];
}

/** What a kubelet asks a signer for. */
export interface WantedCertificate {
  readonly nodeName: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ips?: readonly string[];
}

const clientUse = (nodeName: string): WantedCertificate => ({ nodeName, signerName: signer, usages: ['digital signature', 'client auth'] });

/** Asks for a certificate and waits for it. The key is a new one. Throws what the client throws, or a BootstrapError when nobody signs. */
export function* requestCertificate(
  kernel: Kernel,
  client: Client,
  { nodeName, signerName, usages, dnsNames, ips }: WantedCertificate,
): Call<{ readonly pem: string; readonly key: KeyPair }> {
  const key = createKeyPair(kernel.random);
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] };
  const request = createSigningRequest(key, { subject, ...(dnsNames && { dnsNames }), ...(ips && { ips }) });
  const draft = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: { signerName, request: base64(utf8(request)), usages },
  };
  const { metadata } = yield* client.create(certificateSigningRequests, draft as unknown as Draft<CertificateSigningRequest>);
  const deadline = kernel.loop.now + waitMs;
  while (kernel.loop.now < deadline) {
    const { status } = yield* client.get(certificateSigningRequests, { name: metadata.name });
    if (status?.certificate) return { pem: textOf(fromBase64(status.certificate)!), key };
    const denied = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (denied) throw new BootstrapError(`certificate signing request is denied, reason: ${denied.reason}, message: ${denied.message}`);
    yield* kernel.sleep(lookMs, true);
  }
  throw new BootstrapError('timed out waiting for the condition');
}

/** Writes a certificate with its key, and has `kubelet-client-current.pem` (or `-server-`) lead there. */
export function store(
  fs: FileSystem,
  kernel: Kernel,
  { pem, key }: { readonly pem: string; readonly key: KeyPair },
  use: 'client' | 'server' = 'client',
): void {
  const current = `${folder}/kubelet-${use}-current.pem`;
  const path = `${folder}/kubelet-${use}-${fileStamp(kernel.clock.unixMs)}.pem`;
  fs.mkdirs(folder);
  fs.writeFile(path, utf8(`${pem}${key.pem}`), 0o600);
  if (fs.find(current, { followLast: false })) fs.remove(current);
  fs.symlink(path, current);
}

export interface Bootstrap {
  readonly sys: Sys;
  readonly nodeName: string;
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig: string | undefined;
  readonly log: (text: string) => void;
}

/** A kubelet.conf that names the certificate's file, as TLS bootstrap leaves it. */
const kubeconfigText = ({ server }: RestConfig, authority: string): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(utf8(authority))}
    server: https://${hostPort(server.ip, server.port)}
  name: default-cluster
contexts:
- context:
    cluster: default-cluster
    namespace: default
    user: default-auth
  name: default-context
current-context: default-context
kind: Config
users:
- name: default-auth
  user:
    client-certificate: ${currentCertificate}
    client-key: ${currentCertificate}
`;

/** The kubeconfig if its certificate is good; undefined when it is to be asked for anew (certificate/bootstrap/bootstrap.go). */
function usable({ sys, kubeconfig, log }: Bootstrap): RestConfig | undefined {
  try {
    const config = loadKubeconfig(sys.fs, kubeconfig);
    const certificate = certificateOf(config);
    if (!certificate || certificate.notAfterMs > sys.kernel.clock.unixMs) return config;
    // Unverified: how v1.34 words this line.
    log(
      `"Part of the existing bootstrap client certificate in ${kubeconfig} is expired" expiration="${formatTime(certificate.notAfterMs).replace('T', ' ').replace('Z', ' +0000 UTC')}" err=""`,
    );
    return undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !sys.fs.find(kubeconfig)) return undefined;
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    log(`"Unable to read existing bootstrap client config from ${kubeconfig}" err=${JSON.stringify(error.message)}`);
    return undefined;
  }
}

/** The configuration to start with. Throws a BootstrapError, or what reading a file throws. */
export function* clientConfig(bootstrap: Bootstrap): Call<RestConfig> {
  const { sys, kubeconfig, bootstrapKubeconfig: path, nodeName, log } = bootstrap;
  // Without a way to ask for another there is nothing to check.
  if (path === undefined) return loadKubeconfig(sys.fs, kubeconfig);
  const found = usable(bootstrap);
  if (found) return found;
  if (!sys.fs.find(path)) throw new BootstrapError(`unable to load bootstrap kubeconfig: stat ${path}: no such file or directory`);
  const first = loadKubeconfig(sys.fs, path);
  const client = connectClient({ kernel: sys.kernel, net: sys.net, ...first, agent: 'kubelet' });
  try {
    for (;;) {
      try {
        store(sys.fs, sys.kernel, yield* requestCertificate(sys.kernel, client, clientUse(nodeName)));
        break;
      } catch (error) {
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        log(
          `"Failed while requesting a signed certificate from the control plane" err="cannot create certificate signing request: ${error.message}"`,
        );
        yield* sys.sleep(lookMs);
      }
    }
  } finally {
    client.close();
  }
  const [authority] = first.authorities?.() ?? [];
  sys.fs.writeFile(kubeconfig, utf8(kubeconfigText(first, authority?.pem ?? '')), 0o600);
  return loadKubeconfig(sys.fs, kubeconfig);
}

export interface RotationOptions {
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly client: Client;
  readonly nodeName: string;
  readonly config: RestConfig;
  readonly log: (text: string) => void;
  /** The new certificate is there, and counts from now on. */
  readonly onRotated: (credential: Credential) => void;
}

/** Renews the certificate when seven to nine tenths of its life are over. Returns the way to stop. */
export function rotate(options: RotationOptions): () => void {
  const { kernel, fs, client, nodeName, log, onRotated } = options;
  let isStopped = false;
  let current = certificateOf(options.config);
  const plan = (): void => {
    if (!current || isStopped) return;
    const { notBeforeMs, notAfterMs } = current;
    // A draw of its own: when a cluster's certificates are renewed must not change what else happens in it.
    const share = kernel.random.apart(() => 0.7 + 0.2 * kernel.random.fraction());
    kernel.loop.after(Math.max(0, notBeforeMs + share * (notAfterMs - notBeforeMs) - kernel.clock.unixMs), due, undefined, true);
  };
  const due = (): void => void (isStopped || kernel.fiber(renew(), { background: true }));
  function* renew(): Call<void> {
    log('"Rotating certificates" logger="kubernetes.io/kube-apiserver-client-kubelet"');
    try {
      const made = yield* requestCertificate(kernel, client, clientUse(nodeName));
      if (isStopped) return;
      store(fs, kernel, made);
      [current] = certificatesOf(made.pem);
      log('"Certificate rotation detected, shutting down client connections to start using new credentials"');
      onRotated({ type: 'certificate', certificate: made.pem, key: made.key.pem });
      plan();
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error) && !(error instanceof BootstrapError)) throw error;
      log(`"Failed while requesting a signed certificate from the control plane" err=${JSON.stringify(error.message)}`);
      if (!isStopped) kernel.loop.after(retryMs, due, undefined, true);
    }
  }
  plan();
  return () => {
    isStopped = true;
  };
}
