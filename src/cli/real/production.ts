import type { KubeConfig } from '@kubernetes/client-node';
import { UsageError } from '../usage-error.ts';

const looksLikeProduction = /(^|[^a-z])(prod|prd|production|live)([^a-z]|$)/i;

/** Names are all that a kubeconfig tells of what a cluster is for. */
export function refuseProduction(config: KubeConfig): void {
  const { name, cluster, user, namespace = '' } = config.getContextObject(config.getCurrentContext())!;
  const server = config.getCurrentCluster()!.server;
  const [word] = [name, cluster, user, namespace, server].filter((text) => looksLikeProduction.test(text));
  if (word !== undefined) throw new UsageError(`${word} looks like production; if you mean it, say --allow-production`);
}
