import type { Machine, NetNamespace } from '../../kernel/index.ts';
import type { PortMapping } from '../network/index.ts';
import type { Container } from './container.ts';

/** What the kubelet asks a sandbox to be. */
export interface SandboxConfig {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  /** What follows the host name in the Pod's full name; a Pod has one if it names a subdomain. */
  readonly domain?: string | undefined;
  /** What the kernel calls the Pod: its host name, or its full name. */
  readonly kernelHostname: string;
  /**
   * Parameters of the kernel that the Pod sets for itself.
   * Differs from Kubernetes: they are shown under /proc/sys, and nothing else goes by them.
   */
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[] | undefined;
  /** Counts the sandboxes of one Pod. */
  readonly attempt: number;
  readonly isHostNetwork: boolean;
  /** Ports of the node that lead to it. */
  readonly portMappings?: readonly PortMapping[] | undefined;
  /** Which of the runtimes shall run it; the default one without. */
  readonly runtimeHandler?: string | undefined;
  /** How many processes the whole Pod may have. */
  readonly pidsLimit?: number | undefined;
  /** The lines of /etc/resolv.conf. */
  readonly resolvConf: () => string;
  /** Lines that `spec.hostAliases` adds to /etc/hosts. */
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] | undefined }[] | undefined;
}

/** A Pod's place on a node: its network, and the containers that ran in it. */
export class Sandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdMs: number;
  readonly net: NetNamespace;
  /** One of each family, IPv4 first. */
  readonly ips: readonly string[];
  /** Where its own process is, once the containers of the Pod share their processes. */
  machine: Machine | undefined;
  state: 'ready' | 'not-ready' = 'ready';
  /** Every container that has not been removed, in the order of creation. */
  containers: readonly Container[] = [];

  constructor(id: string, config: SandboxConfig, createdMs: number, net: NetNamespace, ips: readonly string[]) {
    this.id = id;
    this.config = config;
    this.createdMs = createdMs;
    this.net = net;
    this.ips = ips;
  }

  get ip(): string {
    return this.ips[0]!;
  }

  /** The newest container of a name. */
  newest(name: string): Container | undefined {
    for (let i = this.containers.length - 1; i >= 0; i--) if (this.containers[i]!.config.name === name) return this.containers[i];
    return undefined;
  }
}
