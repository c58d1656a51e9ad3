/** What goes over the wire to extenders and back (kube-scheduler/extender/v1/types.go): the names of Go's fields, which have no others. */
import type { Pod } from '../../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-cache.ts';

export interface FilterResult {
  readonly nodes?: { readonly items?: readonly { readonly metadata: { readonly name: string } }[] } | null;
  readonly nodenames?: readonly string[] | null;
  readonly failednodes?: Readonly<Record<string, string>> | null;
  readonly failedandunresolvablenodes?: Readonly<Record<string, string>> | null;
  readonly error?: string;
}

export interface MetaVictims {
  readonly pods: readonly { readonly uid: string }[];
  readonly numPDBViolations: number;
}

/** ExtenderArgs: names only for one that has a cache of its own. */
export function filterArgs(pod: Pod, nodes: readonly NodeInfo[], isCached: boolean): object {
  if (isCached) return { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) };
  return { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
}

export interface NodeVictims {
  readonly nodeName: string;
  readonly victims: readonly Pod[];
  readonly violated: number;
}

/** ExtenderPreemptionArgs: UIDs only for one that has a cache of its own. */
export function preemptionArgs(pod: Pod, nodes: readonly NodeVictims[], isCached: boolean): object {
  const by = <T>(podsOf: (victim: Pod) => T): Record<string, object> =>
    Object.fromEntries(
      nodes.map(({ nodeName, victims, violated }) => [nodeName, { Pods: victims.map(podsOf), NumPDBViolations: violated }] as const),
    );
  if (isCached) return { Pod: pod, NodeNameToVictims: null, NodeNameToMetaVictims: by(({ metadata: { uid } }) => ({ UID: uid })) };
  return { Pod: pod, NodeNameToVictims: by((victim) => victim), NodeNameToMetaVictims: null };
}

/** Go reads the names of fields whatever their case: here all are in lower case. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, field]) => [name.toLowerCase(), field]));
}

/** ExtenderPreemptionResult; a node without victims has an empty list of them. */
export function metaVictims(result: unknown): ReadonlyMap<string, MetaVictims> {
  return new Map(
    Object.entries(fieldsOf(result).nodenametometavictims ?? {}).map(([node, value]) => {
      const { pods, numpdbviolations } = fieldsOf(value);
      const uids = ((pods ?? []) as readonly unknown[]).map((one) => ({ uid: String(fieldsOf(one).uid ?? '') }));
      return [node, { pods: uids, numPDBViolations: Number(numpdbviolations ?? 0) }];
    }),
  );
}
