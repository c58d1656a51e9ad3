import type { Network } from '../../emulator/node/network/index.ts';
import { networkPlugin } from '../../emulator/node/network/index.ts';

/**
 * Says that NetworkPolicies have no effect, where the network plugin leaves them alone. Kubernetes itself never says so: the API
 * server takes them in either case.
 */
export function policyNotice(network: Network): string {
  const plugin = networkPlugin(network);
  if (!plugin || plugin.enforcesPolicies) return '';
  return `\nNetworkPolicies have no effect in this cluster: its network plugin (${plugin.name}) does not enforce them.\n`;
}
