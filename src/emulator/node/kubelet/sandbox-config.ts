import type { Pod } from '../../api/generated/types.ts';
import type { Machine } from '../../kernel/index.ts';
import type { SandboxConfig } from '../container-runtime/index.ts';
import { RuntimeError } from '../container-runtime/index.ts';
import type { PortMapping } from '../network/index.ts';
import type { KubeletConfiguration } from './configuration.ts';
import type { PodWorker } from './pod-worker.ts';
import { resolvConf } from './resolv-conf.ts';

/** What the kubelet asks the next sandbox of a Pod to be. */
export function sandboxConfigOf(
  { pod, sandboxes }: PodWorker,
  node: { readonly machine: Machine; readonly nodeName: string; readonly configuration: KubeletConfiguration },
): SandboxConfig {
  const { metadata, spec } = pod;
  const isHostNetwork = spec.hostNetwork ?? false;
  const hostname = isHostNetwork ? node.nodeName : (spec.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, '');
  const domain = spec.subdomain && `${spec.subdomain}.${metadata.namespace}.svc.${node.configuration.clusterDomain}`;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    hostname,
    domain,
    kernelHostname: spec.setHostnameAsFQDN && domain ? fullName(hostname, domain) : hostname,
    sysctls: spec.securityContext?.sysctls,
    attempt: sandboxes.length,
    isHostNetwork,
    portMappings: isHostNetwork ? undefined : portMappings(pod),
    pidsLimit: node.configuration.podPidsLimit,
    resolvConf: () => resolvConf(pod, node.configuration, node.machine),
    hostAliases: spec.hostAliases,
  };
}

/** A sandbox that cannot be described; the runtime is never asked. */
export class SandboxConfigError extends RuntimeError {}

/** The longest host name of Linux. */
const longestName = 64;

/** Throws a `SandboxConfigError` for a name that no kernel takes (pkg/kubelet/util/util.go, GetNodenameForKernel). */
function fullName(hostname: string, domain: string): string {
  const name = `${hostname}.${domain}`;
  if (name.length <= longestName) return name;
  throw new SandboxConfigError(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${name} is too long (${longestName} characters is the max, ${name.length} characters requested)`,
  );
}

/** Ports of the node that a Pod asks for; undefined where it asks for none. */
function portMappings({ spec }: Pod): readonly PortMapping[] | undefined {
  const found: PortMapping[] = [];
  for (const { ports } of [...(spec.initContainers ?? []), ...spec.containers])
    for (const { hostPort, containerPort, protocol = 'TCP', hostIP } of ports ?? [])
      if (hostPort) found.push({ hostPort, containerPort, protocol: protocol as PortMapping['protocol'], hostIP });
  return found.length > 0 ? found : undefined;
}
