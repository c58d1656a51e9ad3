import type { Network } from '../../emulator/node/network/index.ts';

/**
 * Says that NetworkPolicies have no effect, where the network plugin leaves them alone. Kubernetes itself never says so: the API
 * server takes them in either case.
 */
export function policyNotice({ nodes }: Network): string {
  const members = [...nodes.values()].filter(({ podNetwork }) => podNetwork);
  if (members.length === 0 || members.some(({ enforcesPolicies }) => enforcesPolicies)) return '';
  return `\nNetworkPolicies have no effect in this cluster: its network plugin (${members[0]!.podNetwork!.plugin}) does not enforce them.\n`;
}
