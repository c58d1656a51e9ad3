import type { Call } from '../../kernel/index.ts';

/** The name under which the machine of a cloud-controller-manager offers its way to the cloud. */
export const cloudService = 'cloud';

/** What a Service asks of a load balancer. */
export interface LoadBalancerRequest {
  /** `80/TCP` and so on. */
  readonly ports: readonly string[];
  /** Names of the nodes that may take connections. */
  readonly nodes: readonly string[];
  /** Of which families the addresses are to be, the first of them first. */
  readonly families: readonly ('IPv4' | 'IPv6')[];
  /** An address of the asker's choice, in the place of one that is drawn; undefined: any. */
  readonly ip: string | undefined;
  /** Where each node says whether it has endpoints; undefined: every node may take connections. */
  readonly healthCheckPort: number | undefined;
}

/** The cloud's own API, as far as the service controller uses it (k8s.io/cloud-provider/cloud.go, LoadBalancer). */
export interface CloudLoadBalancers {
  has(name: string): boolean;
  /** Creates or changes a load balancer, which takes a while. Returns its addresses, one of each family, or why there are none. */
  ensure(name: string, request: LoadBalancerRequest): Call<{ readonly ips: readonly string[] } | { readonly error: string }>;
  setNodes(name: string, nodes: readonly string[]): void;
  delete(name: string): Call<void>;
}
