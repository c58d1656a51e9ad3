/**
 * The load balancer before several API servers, as kubeadm's guide to high availability asks for one: it forwards TCP, and asks
 * each server by connecting to its port. Upstream: kubeadm's documentation, "Creating Highly Available Clusters with kubeadm".
 *
 * Differs from Kubernetes: it is part of the network and no machine of its own, so that nobody can log in where it runs.
 */
import type { Call, Kernel, NetNamespace } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import type { Network, NodeNetwork } from '../node/network/index.ts';
import { LoadBalancer } from '../node/network/index.ts';
import { apiServerPort } from './pki.ts';

/** haproxy's own: a check every two seconds; three that fail take a server out, two that succeed bring it back. */
const check = { periodMs: 2000, timeoutMs: 2000, fall: 3, rise: 2 };

interface Server {
  readonly node: NodeNetwork;
  isUp: boolean;
  /** Checks in a row that say otherwise. */
  against: number;
}

export function balanceApiServers(
  kernel: Kernel,
  network: Network,
  { ip, net, nodes }: { readonly ip: string; readonly net: NetNamespace; readonly nodes: readonly NodeNetwork[] },
): void {
  const balancer = new LoadBalancer(ip, { isProxy: true });
  balancer.ports = new Set([`${apiServerPort}/TCP`]);
  // A server counts as up until a check has failed.
  const servers = nodes.map((node): Server => ({ node, isUp: true, against: 0 }));
  balancer.nodes = nodes;
  network.balancers.set(ip, balancer);
  const answers = function* ({ node }: Server): Call<boolean> {
    try {
      (yield* net.connect({ ip: node.ip, port: apiServerPort }, { timeoutMs: check.timeoutMs })).close();
      return true;
    } catch (error) {
      if (!isErrno(error)) throw error;
      return false;
    }
  };
  const examine = function* (server: Server): Call<void> {
    const isUp = yield* answers(server);
    server.against = isUp === server.isUp ? 0 : server.against + 1;
    if (server.against < (server.isUp ? check.fall : check.rise)) return;
    server.isUp = isUp;
    server.against = 0;
    balancer.nodes = servers.filter((other) => other.isUp).map(({ node }) => node);
  };
  const round = (): void => {
    for (const server of servers) kernel.fiber(examine(server), { background: true });
    kernel.loop.after(check.periodMs, round, undefined, true);
  };
  kernel.loop.after(check.periodMs, round, undefined, true);
}
