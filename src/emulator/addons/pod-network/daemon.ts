/** What the daemons of both plugins do: find the API server from inside a Pod on the node's network, and ask it for the node's block. */
import { nodes } from '../../api/core/node.ts';
import type { SessionClient } from '../../client/index.ts';
import { connectClient, inClusterConfig, KubeconfigError, readToken } from '../../client/index.ts';
import type { Call, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Block, NodeNetwork } from '../../node/network/index.ts';
import { Namespace, parseBlock } from '../../node/network/index.ts';

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

/** The node's Pod CIDRs. Throws a `DaemonError`. */
export function* blocksOf(client: SessionClient, name: string): Call<readonly Block[]> {
  const { spec } = yield* asDaemon(client.get(nodes, { name }));
  const blocks = (spec?.podCIDRs ?? []).flatMap((text) => parseBlock(text) ?? []);
  if (blocks.length === 0) throw new DaemonError(`node "${name}" pod cidr not assigned`);
  return blocks;
}

/** Tells the other nodes' daemons what they need to know. Throws a `DaemonError`. */
export function* annotate(client: SessionClient, name: string, annotations: Readonly<Record<string, string>>): Call<void> {
  const patch = { type: 'application/strategic-merge-patch+json', body: { metadata: { annotations } } } as const;
  yield* asDaemon(client.patch(nodes, { name }, patch, { subresource: 'status' }));
}

function* asDaemon<T>(call: Call<T>): Call<T> {
  try {
    return yield* call;
  } catch (error) {
    if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    throw new DaemonError(error.message);
  }
}
