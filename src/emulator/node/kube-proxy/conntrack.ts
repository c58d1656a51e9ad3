import type { NodeNetwork } from '../network/index.ts';
import type { ServicePort } from './service-port.ts';

/**
 * Forgets flows of UDP that lead to what is no endpoint of their Service any more; a Service without endpoints keeps its flows
 * (pkg/proxy/conntrack/cleanup.go). TCP needs none of this: a connection that is dead ends itself.
 */
export function cleanStaleFlows(node: Pick<NodeNetwork, 'forgetFlows'>, ports: readonly ServicePort[]): void {
  for (const port of ports) {
    if (port.protocol !== 'UDP') continue;
    const serving = new Set(
      port.endpoints.flatMap(({ ip, isReady, isServingTerminating }) => (isReady || isServingTerminating ? [ip] : [])),
    );
    if (serving.size === 0) continue;
    const addresses = new Set([port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs]);
    node.forgetFlows(
      (flow) =>
        !serving.has(flow.toIP) &&
        ((flow.port === port.port && addresses.has(flow.ip)) || (port.nodePort !== 0 && flow.port === port.nodePort)),
    );
  }
}
