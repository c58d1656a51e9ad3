/**
 * The host that the segment belongs to, as the Docker bridge's gateway is for a kind cluster: it resolves the names of the
 * machines on the segment, which is what /etc/resolv.conf of a node leads to.
 */

import { isIPv6Text } from '../../machinery/ipv6.ts';
import type { DnsAnswer, DnsQuery } from './dns.ts';
import { emptyAnswer, isDnsQuery } from './dns.ts';
import type { Network } from './network.ts';
import type { NodeNetwork } from './node-network.ts';

const ttlSeconds = 600;

/**
 * Plugs the gateway in and starts its name server.
 *
 * Differs from Kubernetes: there is no Internet behind it, so that a name outside of the cluster does not exist.
 */
export function addGateway(
  network: Network,
  { ip = '172.18.0.1', ip6 }: { readonly ip?: string; readonly ip6?: string | undefined } = {},
): NodeNetwork {
  const gateway = network.addNode({ name: 'gateway', ip, ip6 });
  gateway.namespace.listen(
    53,
    { datagram: (payload) => (isDnsQuery(payload) ? answer(network, payload) : undefined) },
    { protocol: 'UDP' },
  );
  return gateway;
}

function answer(network: Network, query: DnsQuery): DnsAnswer {
  const node = network.nodes.get(query.name.toLowerCase().replace(/\.$/, ''));
  if (!node) return emptyAnswer(query, 'NXDOMAIN');
  const records = node.namespace.addresses.map((data) => ({
    name: query.name,
    type: isIPv6Text(data) ? ('AAAA' as const) : ('A' as const),
    ttl: ttlSeconds,
    data,
  }));
  const answers = records.filter(({ type }) => query.type === type || query.type === 'ANY');
  return { ...emptyAnswer(query, 'NOERROR'), answers };
}
