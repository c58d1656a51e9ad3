import type { Namespace, PortMapping } from '../network/index.ts';

/** What a runtime asks a CNI plugin: the operations of the specification 1.0.0, on a sandbox's network namespace. */
export interface CniPlugin {
  /** The network's name in its configuration. */
  readonly name: string;
  /** Attaches a sandbox. Returns its addresses, one of each family of the network, or throws a `CniError`. */
  add(
    containerID: string,
    namespace: Namespace,
    portMappings?: readonly PortMapping[],
  ): { readonly ips: readonly string[]; readonly gateway: string | undefined };
  /** Detaches it; fine when it is not attached. */
  del(containerID: string, namespace: Namespace): void;
  /** Throws a `CniError` when the sandbox is not attached as `add` left it. */
  check(containerID: string, namespace: Namespace): void;
}

/** A plugin's failure, with the words that end up in the Pod's FailedCreatePodSandBox event. */
export class CniError extends Error {}
