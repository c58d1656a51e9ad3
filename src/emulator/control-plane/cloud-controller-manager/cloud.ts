import type { Call } from '../../kernel/index.ts';

/** The name under which the machine of a cloud-controller-manager offers its way to the cloud. */
export const cloudService = 'cloud';

/** What a Service asks of a load balancer. */
export interface LoadBalancerRequest {
  /** `80/TCP` and so on. */
  readonly ports: readonly string[];
  /** Names of the nodes that may take connections. */
  readonly nodes: readonly string[];
  /** An address of the asker's choice; undefined: any. */
  readonly ip: string | undefined;
  /** Where each node says whether it has endpoints; undefined: every node may take connections. */
  readonly healthCheckPort: number | undefined;
}

/** The cloud's own API, as far as the service controller uses it (k8s.io/cloud-provider/cloud.go, LoadBalancer). */
export interface CloudLoadBalancers {
  has(name: string): boolean;
  /** Creates or changes a load balancer, which takes a while. Returns its address, or why there is none. */
  ensure(name: string, request: LoadBalancerRequest): Call<{ readonly ip: string } | { readonly error: string }>;
  setNodes(name: string, nodes: readonly string[]): void;
  delete(name: string): Call<void>;
}
