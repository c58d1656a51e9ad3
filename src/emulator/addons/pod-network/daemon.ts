/** What the daemons of both plugins do: find the API server from inside a Pod on the node's network, and ask it for the node's block. */
import { nodes } from '../../api/core/node.ts';
import type { SessionClient } from '../../client/index.ts';
import { connectClient, inClusterConfig, KubeconfigError, readToken } from '../../client/index.ts';
import type { Call, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Cidr, NodeNetwork } from '../../node/network/index.ts';
import { Namespace, parseCidr } from '../../node/network/index.ts';

/** Says why the daemon ends. */
export class DaemonError extends Error {}

/** The node on whose network the process runs. Throws a `DaemonError` when it has one of its own. */
export function nodeOf({ net }: Sys): NodeNetwork {
  if (!(net instanceof Namespace) || !net.isRoot) throw new DaemonError('the network of the node is needed (hostNetwork)');
  return net.node;
}

/** A client under the Pod's service account, closed with the process. Throws a `DaemonError` when there is none. */
export function podClient(sys: Sys, agent: string): SessionClient {
  const credential = function* () {
    return readToken(sys.fs, '/var/run/secrets/kubernetes.io/serviceaccount/token');
  };
  try {
    const { server, authorities } = inClusterConfig(sys.fs, sys.env);
    const client = connectClient({ kernel: sys.kernel, net: sys.net, server, authorities, credential, agent });
    sys.own(() => client.close());
    return client;
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    throw new DaemonError(error.message);
  }
}

/** The node's Pod CIDR, after the node was told something about itself. Throws a `DaemonError`. */
export function* registerNode(client: SessionClient, name: string, annotations: Readonly<Record<string, string>>): Call<Cidr> {
  try {
    const { spec } = yield* client.get(nodes, { name });
    const cidr = parseCidr(spec?.podCIDR ?? '');
    if (!cidr) throw new DaemonError(`node "${name}" pod cidr not assigned`);
    const body = { metadata: { annotations } };
    yield* client.patch(nodes, { name }, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' });
    return cidr;
  } catch (error) {
    if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    throw new DaemonError(error.message);
  }
}
