import type { CreatePlugin } from '../plugin.ts';
import { cache } from './cache.ts';
import { forward } from './forward.ts';
import { hosts } from './hosts.ts';
import { kubernetes } from './kubernetes.ts';
import { errors, health, loadbalance, log, loop, prometheus, ready } from './observers.ts';
import { rewrite } from './rewrite.ts';
import { any, bufsize, minimal, whoami } from './small.ts';
import { template } from './template.ts';

/** Every plugin, in the order in which a query passes them: that of CoreDNS' plugin.cfg, whatever the Corefile's order is. */
export const plugins: ReadonlyMap<string, CreatePlugin> = new Map(
  Object.entries({
    bufsize,
    ready,
    health,
    prometheus,
    errors,
    log,
    any,
    loadbalance,
    cache,
    rewrite,
    minimal,
    template,
    hosts,
    kubernetes,
    loop,
    forward,
    whoami,
  }),
);

/** Directives that the server itself understands. */
export const serverDirectives: ReadonlySet<string> = new Set(['reload']);

/** Plugins of CoreDNS that exist and are not simulated: a Corefile with one of them does not start here. */
export const absentPlugins: ReadonlySet<string> = new Set([
  'acl',
  'auto',
  'autopath',
  'azure',
  'bind',
  'cancel',
  'chaos',
  'clouddns',
  'debug',
  'dns64',
  'dnssec',
  'dnstap',
  'erratic',
  'etcd',
  'file',
  'geoip',
  'grpc',
  'grpc_server',
  'header',
  'import',
  'k8s_external',
  'local',
  'metadata',
  'multisocket',
  'nsid',
  'pprof',
  'quic',
  'root',
  'route53',
  'secondary',
  'sign',
  'timeouts',
  'tls',
  'trace',
  'transfer',
  'tsig',
  'view',
]);
