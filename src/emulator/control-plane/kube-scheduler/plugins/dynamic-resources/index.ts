/**
 * DynamicResources: keeps Pods with resource claims to nodes where their devices are (pkg/scheduler/framework/plugins/dynamicresources).
 *
 * - A Pod waits outside the queue until its claims exist.
 * - A claim that is allocated says by its node selector where it can be used.
 *
 * Deliberately absent: allocating devices. No driver publishes any here, so that a claim without an allocation can get none.
 */
import { matchesSelector } from '../../../../api/core/node-selector.ts';
import type { DeviceClass, Node, Pod, PodResourceClaim, ResourceClaim } from '../../../../api/generated/types.ts';
import { deviceClasses } from '../../../../api/resource/device-class.ts';
import { resourceClaims } from '../../../../api/resource/resource-claim.ts';
import type { Informer } from '../../../../client/index.ts';
import type { Call } from '../../../../kernel/index.ts';
import { StatusError } from '../../../../machinery/status-error.ts';
import { equal } from '../../../../machinery/equality.ts';
import type { ClusterEvent } from '../../events.ts';
import type { FilterPlan, Plugin, PluginFactory, PluginTools, PostFilterResult, PostFilterTools } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const name = 'DynamicResources';
const unresolvable = { isUnresolvable: true };
const elsewhere = rejection(name, 'resourceclaim not available on the node', unresolvable);
const unallocated = rejection(name, 'cannot allocate all claims', unresolvable);

/** The claim that stands behind an entry. One of a template is still to be made, or it is said to be none. */
function claimName({ status }: Pod, entry: PodResourceClaim): { readonly isMade: boolean; readonly name: string | undefined } {
  const { resourceClaimName: name } = entry;
  if (name !== undefined) return { isMade: true, name };
  const made = status?.resourceClaimStatuses?.find((one) => one.name === entry.name);
  return { isMade: made !== undefined, name: made?.resourceClaimName };
}

/** Claims are looked at from the first Pod on that has one: what a cluster does not use costs nothing. */
class Claims {
  readonly #tools: PluginTools;
  #informer: Informer<ResourceClaim> | undefined;
  #classes: Informer<DeviceClass> | undefined;

  constructor(tools: PluginTools) {
    this.#tools = tools;
  }

  get({ metadata }: Pod, claim: string): ResourceClaim | undefined {
    if (!this.#informer) {
      // The classes first, so that they are known when the claim is.
      this.hasClass('');
      this.#informer = this.#tools.informers.for(resourceClaims);
      this.#informer.onChange(({ type, object, previous }) => {
        if (type === 'DELETED') return;
        const kind = previous ? 'ResourceClaim/Update' : 'ResourceClaim/Add';
        this.#tools.happened({ kind, before: previous, after: object });
      });
    }
    return this.#informer.get(claim, metadata.namespace);
  }

  hasClass(name: string): boolean {
    if (!this.#classes) {
      this.#classes = this.#tools.informers.for(deviceClasses);
      this.#classes.onChange(({ type, object, previous }) => {
        if (type !== 'DELETED')
          this.#tools.happened({ kind: `DeviceClass/${previous ? 'Update' : 'Add'}`, before: previous, after: object });
      });
    }
    return this.#classes.get(name) !== undefined;
  }

  /** The claims of a Pod, once there is no obstacle. */
  of(pod: Pod): readonly ResourceClaim[] {
    return (pod.spec.resourceClaims ?? []).flatMap((entry) => {
      const { name: claim } = claimName(pod, entry);
      return (claim !== undefined && this.get(pod, claim)) || [];
    });
  }
}

/** Why the Pod cannot be looked at yet. */
function obstacle(pod: Pod, claims: Claims): string | undefined {
  for (const entry of pod.spec.resourceClaims ?? []) {
    const { isMade, name: claim } = claimName(pod, entry);
    const { namespace, name: podName, uid } = pod.metadata;
    if (!isMade) return `pod "${namespace}/${podName}": ResourceClaim not created yet`;
    if (claim === undefined) continue;
    const found = claims.get(pod, claim);
    if (!found) return `resourceclaim.resource.k8s.io "${claim}" not found`;
    if (found.metadata.deletionTimestamp) return `resourceclaim "${claim}" is being deleted`;
    const isOwn = entry.resourceClaimName !== undefined || found.metadata.ownerReferences?.some((one) => one.controller && one.uid === uid);
    if (!isOwn) return `ResourceClaim ${namespace}/${claim} was not created for Pod ${namespace}/${podName} (Pod is not owner)`;
  }
  return undefined;
}

/** Why the Pod can be placed nowhere though its claims are there. */
function dispute(pod: Pod, claims: Claims): string | undefined {
  for (const claim of claims.of(pod)) {
    if (isTaken(claim, pod)) return 'resourceclaim in use';
    const missing = claim.status?.allocation ? undefined : withoutClass(claim, claims);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Why no device can be found for a claim, wherever the Pod goes: it asks for a class that is not there (validateDeviceClass). */
function withoutClass({ spec }: ResourceClaim, claims: Claims): string | undefined {
  for (const { name: request, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const asked = exactly ? [{ ...exactly, name: request }] : firstAvailable.map((one) => ({ ...one, name: `${request}/${one.name}` }));
    const missing = asked.find(({ deviceClassName }) => !claims.hasClass(deviceClassName));
    if (missing) return `request ${missing.name}: device class ${missing.deviceClassName} does not exist`;
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
      const reason = obstacle(pod, claims) ?? dispute(pod, claims);
      const own = claims.of(pod);
      if (reason !== undefined) return { rejection: rejection(name, reason, unresolvable) };
      if (own.length === 0) return undefined;
      const allocations = own.map(({ status }) => status?.allocation);
      return {
        filter(index) {
          if (allocations.includes(undefined)) return unallocated;
          const { node } = cache.nodes[index]!;
          return allocations.every((one) => !one?.nodeSelector || matchesSelector(one.nodeSelector, node)) ? undefined : elsewhere;
        },
      };
    },
    postFilter: ({ pod, cache }, rejections, postTools) => {
      // Claims count only once PreFilter has nothing against the Pod.
      const isOpen = (obstacle(pod, claims) ?? dispute(pod, claims)) === undefined;
      const missed: Node[] = [];
      rejections.forEach((why, node) => {
        if (why === elsewhere) missed.push(cache.nodes[node]!.node);
      });
      return release(pod, isOpen ? claims.of(pod) : [], missed, postTools);
    },
    wakes: {
      'Node/Add': true,
      'Node/UpdateNodeLabel': true,
      'ResourceClaim/Add': (pod, event) => helps(pod, event, claims),
      'ResourceClaim/Update': (pod, event) => helps(pod, event, claims),
      'UnscheduledPod/UpdatePodGeneratedResourceClaim': (pod, { after }) =>
        (after as Pod).metadata.uid === pod.metadata.uid && obstacle(after as Pod, claims) === undefined,
      'DeviceClass/Add': true,
      'DeviceClass/Update': true,
    },
  };
}

/** Whether the claim is allocated to as many Pods as can share it, and not to this one (CanBeReserved, IsReservedForPod). */
const isTaken = ({ status }: ResourceClaim, { metadata: { uid } }: Pod): boolean =>
  status?.allocation !== undefined && (status.reservedFor?.length ?? 0) >= 256 && !status.reservedFor!.some((one) => one.uid === uid);

/** Takes the allocation of an unused claim away that keeps the Pod off nodes, so that it can be allocated anew (PostFilter). */
function* release(
  { metadata: { uid } }: Pod,
  own: readonly ResourceClaim[],
  missed: readonly Node[],
  { client, kernel }: PostFilterTools,
): Call<PostFilterResult> {
  const failure = (message: string): PostFilterResult => ({ nominatedNode: undefined, message, isSuccess: false });
  if (own.length === 0) return failure('no new claims to deallocate');
  const idle = own.filter(({ status: { allocation, reservedFor = [] } = {} }) => {
    const selector = allocation?.nodeSelector;
    return selector && missed.some((node) => !matchesSelector(selector, node)) && reservedFor.every((one) => one.uid === uid);
  });
  if (idle.length === 0) return failure('still not schedulable');
  // Upstream takes any of them.
  const claim = idle.length === 1 ? idle[0]! : idle[kernel.random.below(idle.length)]!;
  try {
    yield* client.updateStatus(resourceClaims, { ...claim, status: { ...claim.status, allocation: undefined, reservedFor: undefined } });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { ...failure(error.message), isError: true };
  }
  return failure('deallocation of ResourceClaim completed');
}

/** Whether a Pod may be placed now that a claim has come or changed (isSchedulableAfterClaimChange). */
function helps(pod: Pod, { before, after }: ClusterEvent, claims: Claims): boolean {
  if (obstacle(pod, claims) !== undefined) return false;
  const [was, is] = [before as ResourceClaim | undefined, after as ResourceClaim];
  if (was?.status?.allocation && !is.status?.allocation) return true;
  if (!claims.of(pod).some(({ metadata }) => metadata.uid === is.metadata.uid)) return false;
  return !was || !equal(was.status, is.status);
}

/** Rejects nodes where the devices of a Pod's claims are not. */
export const dynamicResources: PluginFactory = {
  name,
  points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'reserve', 'preBind'],
  make: (_, tools) => make(tools),
};
