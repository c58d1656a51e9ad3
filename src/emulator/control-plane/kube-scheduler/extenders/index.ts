/**
 * Extenders: servers outside of the scheduler that are asked about nodes over HTTP (pkg/scheduler/extender.go). Each call takes virtual
 * time, and no other Pod is scheduled meanwhile.
 *
 * Differs from Kubernetes: a `urlPrefix` must name an address (the node's name server knows no Service), and no public authority is
 * known that a server without `caFile` could be believed by.
 */
import type { Pod } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import type { NodeCache, NodeInfo } from '../cache/node-cache.ts';
import type { ExtenderConfiguration } from '../configuration/types.ts';
import { ConfigurationError } from '../configuration/types.ts';
import type { ExtenderWay } from './extender.ts';
import { Extender, ExtenderError } from './extender.ts';
import type { FilterResult, NodeVictims } from './wire.ts';
import { fieldsOf, filterArgs, metaVictims, preemptionArgs } from './wire.ts';

/** By this name the queue knows Pods that an extender turned away: whatever happens makes them worth another try. */
export const extenderName = 'Extender';

/** Scores of extenders go to 10, those of plugins to 100 (MaxNodeScore / MaxExtenderPriority). */
const scale = 10;

/** Why a node will not do, by its name. */
interface Verdicts {
  readonly passed: readonly NodeInfo[];
  readonly failed: ReadonlyMap<string, { readonly reason: string; readonly isUnresolvable: boolean }>;
}

/** All extenders of the configuration, in their order. */
export class Extenders {
  readonly #all: readonly Extender[];
  readonly #log: (message: string) => void;

  /** Throws a ConfigurationError. */
  constructor(configurations: readonly ExtenderConfiguration[], way: ExtenderWay, log: (message: string) => void) {
    try {
      this.#all = configurations.map((one) => new Extender(one, way));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new ConfigurationError(`couldn't build extenders: ${error.message}`);
    }
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Whether one of them has something to choose from, so that more than one node must be found for it. */
  get choose(): boolean {
    return this.#all.some(({ configuration: { filterVerb, prioritizeVerb } }) => filterVerb !== '' || prioritizeVerb !== '');
  }

  #about(pod: Pod): readonly Extender[] {
    return this.#all.filter((one) => one.isInterested(pod));
  }

  /** What is left of the nodes when each extender was asked in turn. Throws an `ExtenderError` of one that may not be ignored. */
  *filter(pod: Pod, nodes: readonly NodeInfo[]): Call<Verdicts> {
    let passed = nodes;
    const failed = new Map<string, { readonly reason: string; readonly isUnresolvable: boolean }>();
    for (const extender of this.#about(pod)) {
      if (passed.length === 0) break;
      if (extender.configuration.filterVerb === '') continue;
      const result = yield* this.#tolerant(extender, 'Skipping extender', ask(extender, pod, passed));
      if (!result) continue;
      const { left, failedNodes, unresolvable } = result;
      for (const [name, reason] of Object.entries(failedNodes ?? {})) failed.set(name, { reason, isUnresolvable: false });
      for (const [name, reason] of Object.entries(unresolvable ?? {})) failed.set(name, { reason, isUnresolvable: true });
      passed = left;
    }
    return { passed, failed };
  }

  /** What extenders add to the scores of nodes, by name. */
  *scores(pod: Pod, nodes: readonly NodeInfo[]): Call<ReadonlyMap<string, number>> {
    const total = new Map<string, number>();
    for (const extender of this.#about(pod)) {
      const { prioritizeVerb, weight, nodeCacheCapable } = extender.configuration;
      if (prioritizeVerb === '') continue;
      try {
        const list = (yield* extender.ask(prioritizeVerb, filterArgs(pod, nodes, nodeCacheCapable))) as readonly unknown[] | null;
        for (const entry of list ?? []) {
          const { host, score } = fieldsOf(entry) as { readonly host: string; readonly score: number };
          total.set(host, (total.get(host) ?? 0) + score * weight * scale);
        }
      } catch (error) {
        // Upstream ignores one that has no opinion.
        if (!(error instanceof ExtenderError)) throw error;
        this.#log(`"Failed to run extender's priority function. No score given by this extender" err=${JSON.stringify(error.message)}`);
      }
    }
    return total;
  }

  /** Whether one of them has a say in the choice of victims for this Pod. */
  preempts(pod: Pod): boolean {
    return this.#about(pod).some(({ configuration }) => configuration.preemptVerb !== '');
  }

  /** What is left of the nodes on which Pods could make room, and of those Pods (callExtenders). Throws an `ExtenderError`. */
  *preempt(pod: Pod, nodes: readonly NodeVictims[], cache: NodeCache): Call<readonly NodeVictims[]> {
    let left = nodes;
    for (const extender of this.#about(pod)) {
      if (left.length === 0) break;
      if (extender.configuration.preemptVerb === '') continue;
      left = (yield* this.#tolerant(extender, 'Skipped extender', victimsBy(extender, pod, left, cache))) ?? left;
    }
    return left;
  }

  /** Lets the extender bind that does so for this Pod. False when none does. Throws an `ExtenderError`. */
  *bind(pod: Pod, node: string): Call<boolean> {
    const binder = this.#about(pod).find(({ configuration }) => configuration.bindVerb !== '');
    if (!binder) return false;
    const { name, namespace, uid } = pod.metadata;
    const body = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node };
    const bound = yield* this.#tolerant(binder, 'Skipping extender in bind', succeed(binder.ask(binder.configuration.bindVerb, body)));
    return bound !== undefined;
  }

  /** Undefined when it failed and may be ignored. */
  *#tolerant<T>(extender: Extender, what: string, asking: Call<T>): Call<T | undefined> {
    try {
      return yield* asking;
    } catch (error) {
      const { isIgnorable, urlPrefix } = extender.configuration;
      if (!(error instanceof ExtenderError) || !isIgnorable) throw error;
      const message = `"${what} as it returned error and has ignorable flag set" extender="${urlPrefix}" err=${JSON.stringify(error.message)}`;
      this.#log(message);
      return undefined;
    }
  }
}

/** An answer that says by a field of its own that it is an error. */
function* succeed(asking: Call<unknown>): Call<Readonly<Record<string, unknown>>> {
  const fields = fieldsOf(yield* asking);
  if (fields.error) throw new ExtenderError(String(fields.error));
  return fields;
}

/** Which nodes an extender leaves. Those that it neither leaves nor explains are just not among them. */
function* ask(extender: Extender, pod: Pod, nodes: readonly NodeInfo[]) {
  const { filterVerb, nodeCacheCapable, urlPrefix } = extender.configuration;
  const result: FilterResult = yield* succeed(extender.ask(filterVerb, filterArgs(pod, nodes, nodeCacheCapable)));
  const named = nodeCacheCapable ? result.nodenames : undefined;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const left = (named ?? result.nodes?.items?.map(({ metadata }) => metadata.name) ?? []).flatMap((name) => {
    const node = byName.get(name);
    if (node || !named) return node ?? [];
    throw new ExtenderError(
      `extender ${JSON.stringify(urlPrefix)} claims a filtered node ${JSON.stringify(name)} which is not found in the input node list`,
    );
  });
  return { left, failedNodes: result.failednodes, unresolvable: result.failedandunresolvablenodes };
}

/** ProcessPreemption: it always answers with UIDs, which must be those of Pods on the node. */
function* victimsBy(extender: Extender, pod: Pod, nodes: readonly NodeVictims[], cache: NodeCache): Call<readonly NodeVictims[]> {
  const { preemptVerb, nodeCacheCapable, isIgnorable, urlPrefix } = extender.configuration;
  const answer = metaVictims(yield* extender.ask(preemptVerb, preemptionArgs(pod, nodes, nodeCacheCapable)));
  const left: NodeVictims[] = [];
  for (const [nodeName, { pods, numPDBViolations }] of answer) {
    const info = cache.info(nodeName);
    if (!info) throw new ExtenderError(`nodeinfo not found for node name ${JSON.stringify(nodeName)}`);
    const victims = pods.map(({ uid }) => {
      const placed = cache.placed(uid);
      if (placed?.info === info) return placed.pod;
      throw new ExtenderError(
        `extender: ${urlPrefix} claims to preempt pod (UID: &{${uid}}) on node: ${nodeName}, but the pod is not found on that node`,
      );
    });
    if (victims.length > 0) left.push({ nodeName, victims, violated: numPDBViolations });
    else if (!isIgnorable) throw new ExtenderError(`expected at least one victim pod on node ${JSON.stringify(nodeName)}`);
  }
  return left;
}
