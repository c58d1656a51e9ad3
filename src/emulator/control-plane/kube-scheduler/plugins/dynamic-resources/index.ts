/**
 * DynamicResources: keeps Pods with resource claims to nodes where their devices are (pkg/scheduler/framework/plugins/dynamicresources).
 *
 * - A Pod waits outside the queue until its claims exist.
 * - A claim that is allocated says by its node selector where it can be used.
 *
 * Deliberately absent: allocating devices. No driver publishes any here, so that a claim without an allocation can get none.
 */
import { matchesSelector } from '../../../../api/core/node-selector.ts';
import type { Pod, PodResourceClaim, ResourceClaim } from '../../../../api/generated/types.ts';
import { resourceClaims } from '../../../../api/resource/resource-claim.ts';
import type { Informer } from '../../../../client/index.ts';
import type { FilterPlan, Plugin, PluginFactory, PluginTools } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const name = 'DynamicResources';
const unresolvable = { isUnresolvable: true };
const elsewhere = rejection(name, 'resourceclaim not available on the node', unresolvable);
const unallocated = rejection(name, 'cannot allocate all claims', unresolvable);

/** The name of the claim that stands behind an entry; undefined while a claim of a template is still to be made. */
function claimName({ status }: Pod, entry: PodResourceClaim): string | undefined {
  return entry.resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === entry.name)?.resourceClaimName;
}

/** Claims are looked at from the first Pod on that has one: what a cluster does not use costs nothing. */
class Claims {
  readonly #tools: PluginTools;
  #informer: Informer<ResourceClaim> | undefined;

  constructor(tools: PluginTools) {
    this.#tools = tools;
  }

  get({ metadata }: Pod, claim: string): ResourceClaim | undefined {
    if (!this.#informer) {
      this.#informer = this.#tools.informers.for(resourceClaims);
      this.#informer.onChange(({ type, object, previous }) => {
        if (type === 'DELETED') return;
        const kind = previous ? 'ResourceClaim/Update' : 'ResourceClaim/Add';
        this.#tools.happened({ kind, before: previous, after: object });
      });
    }
    return this.#informer.get(claim, metadata.namespace);
  }
}

/** Why the Pod cannot be looked at yet. */
function obstacle(pod: Pod, claims: Claims): string | undefined {
  for (const entry of pod.spec.resourceClaims ?? []) {
    const claim = claimName(pod, entry);
    if (claim === undefined) return `pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet`;
    const found = claims.get(pod, claim);
    if (!found) return `resourceclaim.resource.k8s.io "${claim}" not found`;
    if (found.metadata.deletionTimestamp) return `resourceclaim "${claim}" is being deleted`;
  }
  return undefined;
}

function make(tools: PluginTools): Plugin {
  const claims = new Claims(tools);
  return {
    name,
    preEnqueue(pod) {
      if (!pod.spec.resourceClaims?.length) return undefined;
      const reason = obstacle(pod, claims);
      return reason === undefined ? undefined : rejection(name, reason, unresolvable);
    },
    preFilter({ pod, cache }): FilterPlan | undefined {
      if (!pod.spec.resourceClaims?.length) return undefined;
      const reason = obstacle(pod, claims);
      if (reason !== undefined) return { rejection: rejection(name, reason, unresolvable) };
      const allocations = pod.spec.resourceClaims.map((entry) => claims.get(pod, claimName(pod, entry)!)!.status?.allocation);
      return {
        filter(index) {
          for (const allocation of allocations) {
            if (!allocation) return unallocated;
            if (allocation.nodeSelector && !matchesSelector(allocation.nodeSelector, cache.nodes[index]!.node)) return elsewhere;
          }
          return undefined;
        },
      };
    },
    *postFilter({ pod }) {
      const message = pod.spec.resourceClaims?.length ? 'still not schedulable' : 'no new claims to deallocate';
      return { nominatedNode: undefined, message, isSuccess: false };
    },
    wakes: {
      'Node/Add': true,
      'Node/UpdateNodeLabel': true,
      'ResourceClaim/Add': (pod, { after }) => concerns(pod, after as ResourceClaim),
      'ResourceClaim/Update': (pod, { after }) => concerns(pod, after as ResourceClaim),
      'UnscheduledPod/UpdatePodGeneratedResourceClaim': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid,
    },
  };
}

const concerns = (pod: Pod, { metadata }: ResourceClaim): boolean =>
  metadata.namespace === pod.metadata.namespace && (pod.spec.resourceClaims ?? []).some((entry) => claimName(pod, entry) === metadata.name);

/** Rejects nodes where the devices of a Pod's claims are not. */
export const dynamicResources: PluginFactory = {
  name,
  points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'reserve', 'preBind'],
  make: (_, tools) => make(tools),
};
