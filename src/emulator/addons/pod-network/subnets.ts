import { isIPv6Text } from '../../machinery/ipv6.ts';

/** The blocks of a Pod network, `10.244.0.0/16,fd00:10:244::/56`, by family. */
export function subnetsByFamily(podSubnet: string): { readonly ip4: string | undefined; readonly ip6: string | undefined } {
  const blocks = podSubnet.split(',');
  return { ip4: blocks.find((block) => !isIPv6Text(block)), ip6: blocks.find(isIPv6Text) };
}
