import type { Client } from '../../client/index.ts';
import { connectClient } from '../../client/index.ts';
import type { Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { parseCertificates, parseKeyPair } from '../../machinery/x509/index.ts';
import { leaderElectionFlags, runElected } from '../component-base/elected.ts';
import type { Flags, FlagTypes } from '../component-base/flags.ts';
import { serveHealth } from '../component-base/health.ts';
import { klog, warnWithoutEffect } from '../component-base/klog.ts';
import { releaseOf } from '../component-base/release.ts';
import { componentConfig, componentFlags, fail } from '../component-base/start.ts';
import type { Controller, ControllerSettings } from './controller.ts';
import { runControllers } from './run-controllers.ts';
import { requestToken } from './token-credential.ts';

const agent = 'kube-controller-manager';

// Differs from Kubernetes: the health port asks nobody who they are, so the kubeconfigs and certificates for that are read by nobody.
const flagTypes: FlagTypes = {
  ...leaderElectionFlags,
  'allocate-node-cidrs': 'boolean',
  'authentication-kubeconfig': 'string',
  'authorization-kubeconfig': 'string',
  'bind-address': 'string',
  'client-ca-file': 'string',
  'cluster-cidr': 'string',
  'cluster-name': 'string',
  'cluster-signing-cert-file': 'string',
  'cluster-signing-duration': 'duration',
  'cluster-signing-key-file': 'string',
  controllers: 'list',
  kubeconfig: 'string',
  'node-cidr-mask-size': 'integer',
  'node-cidr-mask-size-ipv4': 'integer',
  'node-cidr-mask-size-ipv6': 'integer',
  'node-monitor-grace-period': 'duration',
  'node-monitor-period': 'duration',
  'requestheader-client-ca-file': 'string',
  'root-ca-file': 'string',
  'secure-port': 'integer',
  'service-account-private-key-file': 'string',
  'service-cluster-ip-range': 'string',
  'terminated-pod-gc-threshold': 'integer',
  'use-service-account-credentials': 'boolean',
  v: 'integer',
};

/** Known, parsed and without effect: health ports ask nobody who they are. */
const withoutEffect = [
  'authentication-kubeconfig',
  'authorization-kubeconfig',
  'client-ca-file',
  'cluster-name',
  'requestheader-client-ca-file',
  'v',
];

/** The settings that flags give, with v1.34's defaults. */
export function settingsOf(sys: Sys, flags: Flags): ControllerSettings {
  const ms = (flag: string, fallback: number): number => parseDuration(flags.text(flag) ?? '') ?? fallback;
  const read = (path: string): string => textOf(sys.fs.readFile(path));
  const rootCA = flags.text('root-ca-file');
  const tokenKey = flags.text('service-account-private-key-file');
  if (tokenKey !== undefined && !sys.fs.find(tokenKey))
    fail(sys, `error reading key for service account token controller: open ${tokenKey}: no such file or directory`);
  const [signingCertificate, signingKey] = [flags.text('cluster-signing-cert-file'), flags.text('cluster-signing-key-file')];
  for (const path of [signingCertificate, signingKey])
    if (path !== undefined && !sys.fs.find(path)) fail(sys, `open ${path}: no such file or directory`);
  if (rootCA !== undefined && !sys.fs.find(rootCA))
    fail(sys, `error reading root-ca-file at ${rootCA}: open ${rootCA}: no such file or directory`);
  return {
    clusterCIDR: flags.boolean('allocate-node-cidrs', false) ? (flags.text('cluster-cidr') ?? '') : '',
    nodeCIDRMaskSize: flags.integer('node-cidr-mask-size-ipv4', flags.integer('node-cidr-mask-size', 24)),
    nodeCIDRMaskSizeIPv6: flags.integer('node-cidr-mask-size-ipv6', 64),
    serviceCIDR: flags.text('service-cluster-ip-range') ?? '',
    signingAuthority() {
      if (signingCertificate === undefined || signingKey === undefined) return undefined;
      if (!sys.fs.find(signingCertificate) || !sys.fs.find(signingKey)) return undefined;
      const [certificate] = parseCertificates(read(signingCertificate));
      const key = parseKeyPair(read(signingKey));
      return certificate && key && { certificate, key };
    },
    tokenKey: () => (tokenKey === undefined ? undefined : parseKeyPair(read(tokenKey))),
    signingDurationMs: ms('cluster-signing-duration', 365 * 86_400_000),
    rootCA: rootCA === undefined ? '' : read(rootCA),
    nodeMonitorGracePeriodMs: ms('node-monitor-grace-period', 50_000),
    nodeMonitorPeriodMs: ms('node-monitor-period', 5_000),
    terminatedPodGCThreshold: flags.integer('terminated-pod-gc-threshold', 12_500),
  };
}

/** Whether --controllers leaves a controller on: its own name wins over `*`, `-name` turns it off. */
export function isEnabled({ name, alias = name, isOffByDefault = false }: Controller, selection: readonly string[]): boolean {
  const has = (sign: string): boolean => selection.includes(sign + name) || selection.includes(sign + alias);
  if (has('')) return true;
  return !has('-') && !isOffByDefault && (selection.length === 0 || selection.includes('*'));
}

function checkSelection(sys: Sys, controllers: readonly Controller[], selection: readonly string[]): void {
  const known = new Set(controllers.flatMap(({ name, alias = name }) => [name, alias]));
  for (const entry of selection) {
    const name = entry.replace(/^-/, '');
    if (name !== '*' && !known.has(name)) fail(sys, `"${name}" is not in the list of known controllers`);
  }
}

/** The program that runs these controllers. */
export const controllerManager = (controllers: readonly Controller[]): Program =>
  function* (sys) {
    const flags = componentFlags(sys, flagTypes);
    const selection = flags.list('controllers');
    checkSelection(sys, controllers, selection);
    const config = componentConfig(sys, flags);
    const settings = settingsOf(sys, flags);
    const { kernel, net } = sys;
    const client = connectClient({ kernel, net, ...config, agent });
    sys.own(() => client.close());
    klog(sys, 'I', 'controllermanager.go:189', `"Starting" version="${releaseOf(sys)}"`);
    warnWithoutEffect(sys, flags, withoutEffect);
    const port = flags.integer('secure-port', 10_257);
    try {
      serveHealth(sys, { address: flags.text('bind-address') ?? '0.0.0.0', port });
    } catch (error) {
      if (!isErrno(error, 'EADDRINUSE')) throw error;
      return fail(
        sys,
        `failed to create listener: failed to listen on ${flags.text('bind-address') ?? '0.0.0.0'}:${port}: bind: address already in use`,
      );
    }
    const clientAs = (name: string): Client => {
      if (!flags.boolean('use-service-account-credentials', false)) return client;
      const own = connectClient({ kernel, net, ...config, credential: () => requestToken(client, name), agent });
      sys.own(() => own.close());
      return own;
    };
    const onError = (controller: string, error: Error): void =>
      klog(sys, 'E', `${controller}.go`, `"Unhandled Error" err=${JSON.stringify(error.message)}`);
    const start = (): void => {
      const enabled = controllers.filter((controller) => isEnabled(controller, selection));
      sys.own(runControllers(enabled, { kernel, client, settings, clientAs, onError }));
    };
    return yield* runElected(sys, { name: agent, client, flags, start });
  };
