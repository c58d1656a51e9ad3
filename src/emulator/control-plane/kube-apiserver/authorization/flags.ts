/** What the flags of kube-apiserver say of authorization. Upstream: pkg/kubeapiserver/options/authorization.go. */
import { textOf } from '../../../kernel/index.ts';
import type { Sys } from '../../../kernel/index.ts';
import { parseDuration } from '../../../machinery/duration.ts';
import type { Flags } from '../../component-base/flags.ts';
import { klog } from '../../component-base/klog.ts';
import { readWebhookKubeconfig } from '../outbound/webhook-kubeconfig.ts';
import type { AuthorizationOptions } from './authorization.ts';
import { isAuthorizerType, readAuthorizationConfiguration } from './configuration.ts';
import type { ConfigurationFiles, ConfiguredAuthorizer } from './configuration.ts';

const webhookFlag = 'authorization-webhook-config-file';

/** What is wrong with the flags, whatever the files say. */
export function authorizationFlagProblem(flags: Flags): string | undefined {
  const isLegacy = flags.has('authorization-mode') || [...flags.names()].some((name) => name.startsWith('authorization-webhook-'));
  if (flags.has('authorization-config'))
    return isLegacy
      ? '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined'
      : undefined;
  const modes = flags.list('authorization-mode');
  for (const mode of modes) {
    if (!isAuthorizerType(mode)) return `authorization-mode "${mode}" is not a valid mode`;
    if (mode === 'Webhook' && !flags.has(webhookFlag)) return "authorization-mode Webhook's authorization config file not passed";
  }
  if (flags.has(webhookFlag) && !modes.includes('Webhook')) return `cannot specify --${webhookFlag} without mode Webhook`;
  if (new Set(modes).size < modes.length)
    return `authorization-mode [${modes.map((mode) => JSON.stringify(mode)).join(' ')}] has mode specified more than once`;
  return undefined;
}

/** Throws an Error, or the Errno of a file that is not there. */
export function authorizationOf(sys: Sys, flags: Flags): AuthorizationOptions {
  const log: AuthorizationOptions['log'] = (severity, source, message) => klog(sys, severity, source, message);
  const files: ConfigurationFiles = {
    exists: (path) => sys.fs.find(path) !== undefined,
    backend: (path) => readWebhookKubeconfig(sys.fs, path),
  };
  const path = flags.text('authorization-config');
  if (path === undefined) {
    const modes = flags.has('authorization-mode') ? flags.list('authorization-mode') : ['AlwaysAllow'];
    return { authorizers: modes.map((mode) => byFlags(mode, flags, files)), log };
  }
  const text = (): string => textOf(sys.fs.readFile(path));
  const authorizers = readAuthorizationConfiguration(text(), files);
  // Whoever has the kubelets or RBAC in the file cannot lose them while the server runs.
  const required = authorizers.map(({ type }) => type).filter((type) => type === 'Node' || type === 'RBAC');
  return { authorizers, log, file: { text, read: (content) => readAuthorizationConfiguration(content, files, required) } };
}

function byFlags(mode: string, flags: Flags, files: ConfigurationFiles): ConfiguredAuthorizer {
  if (!isAuthorizerType(mode)) throw new Error(`unknown authorization mode ${mode} specified`);
  if (mode !== 'Webhook') return { type: mode };
  const duration = (name: string, fallback: string): number => parseDuration(flags.text(name) ?? fallback) ?? 0;
  const webhook = {
    name: 'default',
    backend: files.backend(flags.text(webhookFlag)!),
    timeoutMs: 30_000,
    allowMs: duration('authorization-webhook-cache-authorized-ttl', '5m'),
    denyMs: duration('authorization-webhook-cache-unauthorized-ttl', '30s'),
    version: flags.text('authorization-webhook-version') ?? 'v1beta1',
    failurePolicy: 'NoOpinion',
    conditions: [],
  };
  return { type: mode, webhook };
}
