/** `kube-apiserver`: flags, files, etcd, and the secure port. Upstream: cmd/kube-apiserver/app. */
import { kinds } from '../../api/kinds.ts';
import { isErrno, textOf, WaitQueue } from '../../kernel/index.ts';
import type { Address, Call, Program, Service, Sys } from '../../kernel/index.ts';
import type { Certificate } from '../../machinery/x509/index.ts';
import { certificatesIn, IssuedCertificate } from '../../machinery/x509/index.ts';
import { parseFlags } from '../component-base/flags.ts';
import type { Flags, FlagTypes } from '../component-base/flags.ts';
import { klog, warnWithoutEffect } from '../component-base/klog.ts';
import { releaseOf } from '../component-base/release.ts';
import type { AdmissionPlugin } from './admission/index.ts';
import { admissionPlugins } from './admission/index.ts';
import type { AuditPolicy } from './audit/index.ts';
import { openAuditLog, readAuditPolicy, webhookOf } from './audit/index.ts';
import type { PodSecurityConfiguration } from './admission/pod-security/configuration.ts';
import { configurationOf } from './admission/configuration-file.ts';
import { readImagePolicy } from './admission/image-policy-webhook/configuration.ts';
import { imagePolicyWebhook, imagePolicyWebhookWith } from './admission/image-policy-webhook/index.ts';
import { readAdmissionConfiguration } from './admission/pod-security/configuration.ts';
import { readWebhookKubeconfig } from './outbound/webhook-kubeconfig.ts';
import { podSecurity, podSecurityWith } from './admission/pod-security/index.ts';
import { authenticationOf } from './authentication/flags.ts';
import { authorizationFlagProblem, authorizationOf } from './authorization/flags.ts';
import { bootstrap } from './bootstrap/index.ts';
import { readEncryptionConfiguration } from './encryption/index.ts';
import type { EtcdConnection } from './etcd-client.ts';
import type { EtcdTls } from './etcd-client.ts';
import { connectEtcd, dialProblem } from './etcd-client.ts';
import { createApiServer } from './create.ts';
import type { ApiServerOptions } from './server.ts';
import { hostPort, unbracketed } from '../../machinery/ipv6.ts';

const flagTypes: FlagTypes = {
  'admission-control-config-file': 'string',
  'advertise-address': 'string',
  'allow-privileged': 'boolean',
  'anonymous-auth': 'boolean',
  'api-audiences': 'list',
  'audit-log-batch-buffer-size': 'integer',
  'audit-log-batch-max-size': 'integer',
  'audit-log-batch-max-wait': 'duration',
  'audit-log-batch-throttle-burst': 'integer',
  'audit-log-batch-throttle-enable': 'boolean',
  'audit-log-batch-throttle-qps': 'string',
  'audit-log-compress': 'boolean',
  'audit-log-format': 'string',
  'audit-log-maxage': 'integer',
  'audit-log-maxbackup': 'integer',
  'audit-log-maxsize': 'integer',
  'audit-log-mode': 'string',
  'audit-log-path': 'string',
  'audit-log-truncate-enabled': 'boolean',
  'audit-log-truncate-max-batch-size': 'integer',
  'audit-log-truncate-max-event-size': 'integer',
  'audit-log-version': 'string',
  'audit-policy-file': 'string',
  'audit-webhook-batch-buffer-size': 'integer',
  'audit-webhook-batch-max-size': 'integer',
  'audit-webhook-batch-max-wait': 'duration',
  'audit-webhook-batch-throttle-burst': 'integer',
  'audit-webhook-batch-throttle-enable': 'boolean',
  'audit-webhook-batch-throttle-qps': 'string',
  'audit-webhook-config-file': 'string',
  'audit-webhook-initial-backoff': 'duration',
  'audit-webhook-mode': 'string',
  'audit-webhook-truncate-enabled': 'boolean',
  'audit-webhook-truncate-max-batch-size': 'integer',
  'audit-webhook-truncate-max-event-size': 'integer',
  'audit-webhook-version': 'string',
  'authorization-config': 'string',
  'authorization-mode': 'list',
  'authorization-webhook-cache-authorized-ttl': 'duration',
  'authorization-webhook-cache-unauthorized-ttl': 'duration',
  'authorization-webhook-config-file': 'string',
  'authorization-webhook-version': 'string',
  'bind-address': 'string',
  'cert-dir': 'string',
  'client-ca-file': 'string',
  'disable-admission-plugins': 'list',
  'enable-admission-plugins': 'list',
  'enable-bootstrap-token-auth': 'boolean',
  'encryption-provider-config': 'string',
  'encryption-provider-config-automatic-reload': 'boolean',
  'etcd-cafile': 'string',
  'etcd-certfile': 'string',
  'etcd-compaction-interval': 'duration',
  'etcd-keyfile': 'string',
  'etcd-servers': 'list',
  'event-ttl': 'duration',
  'feature-gates': 'list',
  'kubelet-client-certificate': 'string',
  'kubelet-client-key': 'string',
  'kubelet-preferred-address-types': 'list',
  'proxy-client-cert-file': 'string',
  'proxy-client-key-file': 'string',
  'requestheader-allowed-names': 'list',
  'requestheader-client-ca-file': 'string',
  'requestheader-extra-headers-prefix': 'list',
  'requestheader-group-headers': 'list',
  'requestheader-username-headers': 'list',
  'runtime-config': 'list',
  'secure-port': 'integer',
  'service-account-issuer': 'list',
  'service-account-key-file': 'list',
  'service-account-signing-key-file': 'string',
  'service-cluster-ip-range': 'string',
  'service-node-port-range': 'string',
  'tls-cert-file': 'string',
  'tls-private-key-file': 'string',
  'token-auth-file': 'string',
  v: 'integer',
  'authentication-config': 'string',
  'oidc-ca-file': 'string',
  'oidc-client-id': 'string',
  'oidc-groups-claim': 'string',
  'oidc-groups-prefix': 'string',
  'oidc-issuer-url': 'string',
  'oidc-required-claim': 'list',
  'oidc-signing-algs': 'list',
  'oidc-username-claim': 'string',
  'oidc-username-prefix': 'string',
  profiling: 'boolean',
  'request-timeout': 'duration',
  'min-request-timeout': 'integer',
  'max-requests-inflight': 'integer',
  'max-mutating-requests-inflight': 'integer',
  'goaway-chance': 'string',
};

/** Files that must be there, in the order in which the server looks. */
const fileFlags = [
  'admission-control-config-file',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-keyfile',
  'tls-cert-file',
  'tls-private-key-file',
  'client-ca-file',
  'requestheader-client-ca-file',
  'service-account-key-file',
  'service-account-signing-key-file',
  'kubelet-client-certificate',
  'kubelet-client-key',
  'proxy-client-cert-file',
  'proxy-client-key-file',
  'authentication-config',
  'authorization-config',
  'authorization-webhook-config-file',
  'oidc-ca-file',
  'token-auth-file',
];
/** Known, parsed and without effect. */
const withoutEffect = [
  'allow-privileged',
  'audit-log-batch-buffer-size',
  'audit-log-batch-max-size',
  'audit-log-batch-max-wait',
  'audit-log-batch-throttle-burst',
  'audit-log-batch-throttle-enable',
  'audit-log-batch-throttle-qps',
  'audit-log-compress',
  'audit-log-format',
  'audit-log-maxage',
  'audit-log-mode',
  'audit-log-truncate-enabled',
  'audit-log-truncate-max-batch-size',
  'audit-log-truncate-max-event-size',
  'audit-log-version',
  'audit-webhook-batch-throttle-burst',
  'audit-webhook-batch-throttle-enable',
  'audit-webhook-batch-throttle-qps',
  'audit-webhook-truncate-enabled',
  'audit-webhook-truncate-max-batch-size',
  'audit-webhook-truncate-max-event-size',
  'encryption-provider-config-automatic-reload',
  'etcd-compaction-interval',
  'event-ttl',
  'feature-gates',
  'goaway-chance',
  'kubelet-preferred-address-types',
  'min-request-timeout',
  'profiling',
  'request-timeout',
  'requestheader-allowed-names',
  'requestheader-extra-headers-prefix',
  'requestheader-group-headers',
  'requestheader-username-headers',
  'runtime-config',
  'v',
];
/** Enabled only by name; all other plugins are on by default. */
const offByDefault = new Set(['NodeRestriction', 'ImagePolicyWebhook']);

/** How long the server looks for etcd before it gives up. */
const etcdTimeoutMs = 20_000;

function problemOf(sys: Sys, flags: Flags): string | undefined {
  for (const name of fileFlags)
    for (const path of flags.list(name)) if (!sys.fs.find(path)) return `open ${path}: no such file or directory`;
  if (flags.list('etcd-servers').length === 0) return '--etcd-servers must be specified';
  const authorizationProblem = authorizationFlagProblem(flags);
  if (authorizationProblem !== undefined) return authorizationProblem;
  const names = new Set(admissionPlugins.map(({ name }) => name));
  for (const flag of ['enable-admission-plugins', 'disable-admission-plugins']) {
    for (const name of flags.list(flag)) if (!names.has(name)) return `${flag} plugin "${name}" is unknown`;
  }
  const oidcFlags = [...flags.names()].filter((name) => name.startsWith('oidc-'));
  if (oidcFlags.length > 0 && flags.has('authentication-config'))
    return 'authentication-config file and oidc-* flags are mutually exclusive';
  if (oidcFlags.length > 0 && !(flags.text('oidc-issuer-url') && flags.text('oidc-client-id')))
    return 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set';
  const issuer = flags.text('oidc-issuer-url');
  if (issuer !== undefined && !issuer.startsWith('https://'))
    return `issuer.url: Invalid value: ${JSON.stringify(issuer)}: URL scheme must be https`;
  if (!flags.has('service-account-issuer')) return '--service-account-issuer is a required flag';
  return undefined;
}

/** The plugins that flags enable, PodSecurity as the configuration file says. Throws an Error for a file that cannot be read. */
function pluginsOf(sys: Sys, flags: Flags): readonly AdmissionPlugin[] {
  const read = (path: string): string => textOf(sys.fs.readFile(path));
  const file = flags.text('admission-control-config-file');
  const [on, off] = [new Set(flags.list('enable-admission-plugins')), new Set(flags.list('disable-admission-plugins'))];
  let config: PodSecurityConfiguration | undefined;
  let images: AdmissionPlugin | undefined;
  try {
    config = file === undefined ? undefined : readAdmissionConfiguration(read(file), read);
    if (on.has(imagePolicyWebhook.name) && !off.has(imagePolicyWebhook.name)) images = imagePolicyOf(sys, file && read(file), read);
  } catch (error) {
    throw new Error(`failed to initialize admission: ${(error as Error).message}`);
  }
  return admissionPlugins
    .filter(({ name }) => !off.has(name) && (on.has(name) || !offByDefault.has(name)))
    .map((plugin) => (config && plugin === podSecurity ? podSecurityWith(config) : plugin === imagePolicyWebhook ? images! : plugin));
}

function imagePolicyOf(sys: Sys, file: string | undefined, read: (path: string) => string): AdmissionPlugin {
  try {
    const raw = file === undefined ? undefined : configurationOf(imagePolicyWebhook.name, file, read);
    return imagePolicyWebhookWith(readImagePolicy(raw, (path) => readWebhookKubeconfig(sys.fs, path)));
  } catch (error) {
    throw new Error(`couldn't init admission plugin "ImagePolicyWebhook": ${(error as Error).message}`);
  }
}

/** Without a policy nothing is recorded, and without a log there is nowhere to. Throws an Error with the words that the server ends with. */
function auditOf(sys: Sys, flags: Flags): ApiServerOptions['audit'] {
  const path = flags.text('audit-policy-file');
  const write = openAuditLog(sys, flags);
  if (!path) return undefined;
  const failed = (why: string): Error => new Error(`loading audit policy file: ${why}`);
  if (!sys.fs.find(path)) throw failed(`failed to read file path "${path}": open ${path}: no such file or directory`);
  let policy: AuditPolicy;
  try {
    policy = readAuditPolicy(textOf(sys.fs.readFile(path)), path, (message) => klog(sys, 'W', 'reader.go:76', message));
  } catch (error) {
    throw failed((error as Error).message);
  }
  const webhook = webhookOf(sys, flags);
  return write || webhook ? { policy, write, webhook } : undefined;
}

function encryptionOf(sys: Sys, flags: Flags): ApiServerOptions['encryption'] {
  const path = flags.text('encryption-provider-config');
  if (path === undefined) return undefined;
  if (!sys.fs.find(path))
    throw new Error(
      `error while parsing file: error while loading file: error reading encryption provider configuration file ${JSON.stringify(path)}: open ${path}: no such file or directory`,
    );
  return readEncryptionConfiguration(textOf(sys.fs.readFile(path)), path);
}

function addressOf(url: string): Address {
  const match = /^https?:\/\/(.*):(\d+)$/.exec(url);
  return { ip: unbracketed(match?.[1] ?? '127.0.0.1'), port: Number(match?.[2] ?? 2379) };
}

/** The files are read again for each connection (client/pkg/transport, TLSInfo). */
function etcdTls(sys: Sys, flags: Flags): EtcdTls {
  const [caFile, certFile] = [flags.text('etcd-cafile'), flags.text('etcd-certfile')];
  if (caFile === undefined) return undefined;
  return (host) => ({
    authorities: certificatesIn(sys.fs, caFile),
    host,
    certificate: certFile === undefined ? undefined : certificatesIn(sys.fs, certFile)[0],
    nowMs: sys.kernel.clock.unixMs,
  });
}

function* findEtcd(sys: Sys, flags: Flags, onOtherStore: () => void): Call<EtcdConnection | undefined> {
  const servers = flags.list('etcd-servers').map(addressOf);
  const deadline = sys.nowMs + etcdTimeoutMs;
  for (;;) {
    try {
      return yield* connectEtcd(sys.net, servers, etcdTls(sys, flags), onOtherStore);
    } catch (error) {
      if (!isErrno(error)) throw error;
      const { ip, port } = servers[0]!;
      klog(
        sys,
        'W',
        'logging.go:55',
        `[core] [Channel #1 SubChannel #2]grpc: addrConn.createTransport failed to connect to {Addr: "${hostPort(ip, port)}", ServerName: "${hostPort(ip, port)}", }. Err: connection error: desc = "${dialProblem(error, servers[0]!)}"`,
      );
      if (sys.nowMs >= deadline) return undefined;
      yield* sys.sleep(1000);
    }
  }
}

/** The files are read again at each handshake, so that a renewed certificate counts without a restart (dynamiccertificates). */
function servingCertificate(sys: Sys, flags: Flags): Pick<Service, 'leaf' | 'certificate'> {
  const path = flags.text('tls-cert-file');
  if (path === undefined) return {};
  const leaf = (): Certificate | undefined => certificatesIn(sys.fs, path)[0];
  return { leaf, certificate: () => leaf()?.pem ?? '' };
}

/** A client certificate with its key, read again for each connection; undefined without the flag. */
function pairOf(sys: Sys, flags: Flags, certificateFlag: string, keyFlag: string): unknown {
  const [path, keyPath] = [flags.text(certificateFlag), flags.text(keyFlag)];
  if (path === undefined || keyPath === undefined) return undefined;
  const [certificate] = certificatesIn(sys.fs, path);
  if (certificate instanceof IssuedCertificate) return certificate;
  return certificate && { certificate: certificate.pem, key: textOf(sys.fs.readFile(keyPath)) };
}

/** The program of the image registry.k8s.io/kube-apiserver. */
export const kubeApiserver: Program = function* (sys) {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    yield* sys.print(2, `Error: ${parsed.error}\n`);
    return 1;
  }
  const { flags } = parsed;
  const problem = problemOf(sys, flags);
  if (problem !== undefined) {
    klog(sys, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(problem)}`);
    return 1;
  }
  warnWithoutEffect(sys, flags, withoutEffect);
  let files: Pick<ApiServerOptions, 'authentication' | 'authorization' | 'audit' | 'admission' | 'encryption'>;
  try {
    files = {
      authentication: authenticationOf(sys, flags),
      authorization: authorizationOf(sys, flags),
      audit: auditOf(sys, flags),
      admission: pluginsOf(sys, flags),
      encryption: encryptionOf(sys, flags),
    };
  } catch (error) {
    klog(sys, 'E', 'run.go:72', `"command failed" err=${JSON.stringify((error as Error).message)}`);
    return 1;
  }
  const restored = new WaitQueue();
  let isRestored = false;
  const etcd = yield* findEtcd(sys, flags, () => {
    isRestored = true;
    restored.wake();
  });
  if (!etcd) {
    klog(sys, 'E', 'run.go:72', '"command failed" err="context deadline exceeded"');
    return 1;
  }
  sys.own(() => etcd.close());
  const securePort = flags.integer('secure-port', 6443);
  const ports = /^(\d+)-(\d+)$/.exec(flags.text('service-node-port-range') ?? '30000-32767');
  const { server, endpoint } = createApiServer({
    kernel: sys.kernel,
    etcd,
    kinds,
    net: sys.net,
    release: releaseOf(sys),
    kubeletCredential: () => pairOf(sys, flags, 'kubelet-client-certificate', 'kubelet-client-key'),
    isBare: true,
    ...files,
    serviceCIDR: flags.text('service-cluster-ip-range') ?? '10.0.0.0/24',
    nodePortRange: ports ? [Number(ports[1]), Number(ports[2])] : undefined,
    advertiseAddress: flags.text('advertise-address') ?? sys.net.addresses[0] ?? '127.0.0.1',
    securePort,
    concurrency: flags.integer('max-requests-inflight', 400) + flags.integer('max-mutating-requests-inflight', 200),
  });
  sys.own(() => server.stop());
  yield* bootstrap(server);
  const ip = flags.text('bind-address');
  const listener = sys.net.listen(
    securePort,
    { http: endpoint.http, isTls: true, endpoint, ...servingCertificate(sys, flags) },
    ip === undefined || ip === '0.0.0.0' || ip === '::' ? {} : { ip },
  );
  sys.own(() => listener.close());
  klog(sys, 'I', 'secure_serving.go:211', `Serving securely on [::]:${securePort}`);
  while (!isRestored) yield* sys.block(restored, 'pause');
  // Differs from Kubernetes: an API server that finds another store behind etcd's address begins anew; a real one goes on with what it has cached, which is why one restarts it by hand after a restore.
  klog(sys, 'E', 'run.go:72', '"command failed" err="etcd holds another store than before"');
  return 1;
};
