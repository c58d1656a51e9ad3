/**
 * What the kubelet's server shows: a certificate that it signs itself, one of a file, or one that it asks the cluster for
 * (pkg/kubelet/certificate/kubelet.go, pkg/kubelet/kubelet_server_tls in cmd/kubelet/app/server.go).
 */
import type { SessionClient } from '../../client/index.ts';
import type { Call, FileSystem, Kernel, Service } from '../../kernel/index.ts';
import { isErrno, LazyFile, Random, utf8 } from '../../kernel/index.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Certificate } from '../../machinery/x509/index.ts';
import { CertificateAuthority, certificatesIn } from '../../machinery/x509/index.ts';
import { BootstrapError, requestCertificate, store } from './client-certificate.ts';

const folder = '/var/lib/kubelet/pki';
const current = `${folder}/kubelet-server-current.pem`;
const signerName = 'kubernetes.io/kubelet-serving';
const retryMs = 60_000;

export interface ServingSettings {
  readonly certFile: string | undefined;
  /** `serverTLSBootstrap`: the cluster's authority is to sign, once somebody has approved it. */
  readonly asksCluster: boolean;
}

export interface ServingHost {
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly client: SessionClient;
  readonly nodeName: string;
  readonly ips: readonly string[];
  readonly settings: ServingSettings;
  readonly log: (text: string) => void;
}

/** Made when somebody looks: whoever asks a kubelet for logs does not, and says so. */
function selfSign({ fs, kernel, nodeName }: ServingHost): void {
  const path = `${folder}/kubelet`;
  if (fs.find(`${path}.crt`)) return;
  const { unixMs } = kernel.clock;
  let made: { readonly crt: string; readonly key: string } | undefined;
  const make = (): { readonly crt: string; readonly key: string } => {
    if (made) return made;
    // A source of its own: looking at the file must not change what else happens.
    const random = new Random([...nodeName].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) | 0);
    const authority = new CertificateAuthority(random, `${nodeName}-ca@${Math.floor(unixMs / 1000)}`, unixMs);
    const issued = authority.issue({
      subject: { commonName: `${nodeName}@${Math.floor(unixMs / 1000)}` },
      usages: ['server auth'],
      dnsNames: [nodeName],
      notBeforeMs: unixMs,
    });
    made = { crt: `${issued.pem}${authority.certificate.pem}`, key: issued.key!.pem };
    return made;
  };
  fs.mkdirs(folder);
  fs.link(`${path}.crt`, new LazyFile(() => utf8(make().crt), 0o644, kernel.loop.now));
  fs.link(`${path}.key`, new LazyFile(() => utf8(make().key), 0o600, kernel.loop.now));
}

/** What the listener has of it, and the way to stop asking. */
export function serve(host: ServingHost): { readonly shows: Pick<Service, 'leaf' | 'certificate' | 'refuseClient'>; stop(): void } {
  const { kernel, fs, client, nodeName, ips, settings, log } = host;
  const { certFile, asksCluster } = settings;
  let isStopped = false;
  if (certFile === undefined && !asksCluster) selfSign(host);
  const path = certFile ?? (asksCluster ? current : `${folder}/kubelet.crt`);
  const leaf = (): Certificate | undefined => certificatesIn(fs, path)[0];
  function* ask(): Call<void> {
    while (!isStopped) {
      try {
        const usages = ['digital signature', 'server auth'];
        store(fs, kernel, yield* requestCertificate(kernel, client, { nodeName, signerName, usages, dnsNames: [nodeName], ips }), 'server');
        return;
      } catch (error) {
        if (!(error instanceof StatusError) && !isErrno(error) && !(error instanceof BootstrapError)) throw error;
        log(`"Failed while requesting a signed certificate from the control plane" err=${JSON.stringify(error.message)}`);
        yield* kernel.sleep(retryMs, true);
      }
    }
  }
  if (asksCluster && certFile === undefined && !leaf()) kernel.fiber(ask(), { background: true });
  return {
    shows: {
      leaf,
      certificate: () => leaf()?.pem ?? '',
      // Without a certificate the handshake cannot be.
      ...(asksCluster && { refuseClient: () => (leaf() ? undefined : 'internal error') }),
    },
    stop: () => {
      isStopped = true;
    },
  };
}
