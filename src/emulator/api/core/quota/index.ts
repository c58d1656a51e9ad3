/**
 * Quota: what an object costs, by the names that a ResourceQuota may limit (apiserver/pkg/quota/v1, pkg/quota/v1/evaluator).
 *
 * - An evaluator says for one resource which of a quota's names it counts, and how much an object uses of each.
 * - Resources without an evaluator of their own are counted: `count/deployments.apps`.
 * - The API server's admission charges by it, and the resourcequota controller adds up by it, so both agree.
 */
import type { ApiObject } from '../../../machinery/objects.ts';
import type {
  PersistentVolumeClaim,
  Pod,
  ResourceClaim,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
  Service,
} from '../../generated/types.ts';
import {
  isResourceClaimResource,
  isVolumeClaimResource,
  resourceClaimUsage,
  volumeClaimMatchesScope,
  volumeClaimUsage,
} from './claim-usage.ts';
import { isPodResource, missingAmounts, podMatchesScope, podUsage } from './pod-usage.ts';
import type { ResourceList } from './resource-list.ts';

/** How one resource counts against quotas. */
export interface Evaluator {
  /** Whether a write of this kind can cost anything. */
  handles(operation: string, subresource: string): boolean;
  /** Whether a quota's resource is one of this evaluator's. */
  counts(name: string): boolean;
  matchesScope(object: ApiObject, scope: ScopedResourceSelectorRequirement): boolean;
  /** What the object must say of itself under a quota of these names; undefined if it says all. */
  missing(object: ApiObject, names: readonly string[]): string | undefined;
  /** `unixMs` is the time by which Pods that should be gone are told from others. */
  usage(object: ApiObject, unixMs: number): ResourceList;
}

/** Names of before `count/…`. */
const aliases = new Set(['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets']);

/** `count/pods`, `count/deployments.apps`. */
const countName = (group: string, resource: string): string => `count/${resource}${group === '' ? '' : `.${group}`}`;

const isCreation = (operation: string, subresource: string): boolean => operation === 'CREATE' && subresource === '';
const nothingMissing = (): undefined => undefined;
const noScope = (): boolean => false;

const ofPods: Evaluator = {
  handles: (operation, subresource) => isCreation(operation, subresource) || (operation === 'UPDATE' && subresource === 'resize'),
  counts: isPodResource,
  matchesScope: (pod, scope) => podMatchesScope(pod as Pod, scope),
  missing: (pod, names) => missingAmounts(pod as Pod, names),
  usage: (pod, unixMs) => podUsage(pod as Pod, unixMs),
};

function serviceUsage({ spec }: Service): ResourceList {
  const ports = spec.ports ?? [];
  const isBalanced = spec.type === 'LoadBalancer';
  const isAllocated = spec.type === 'NodePort' || (isBalanced && spec.allocateLoadBalancerNodePorts !== false);
  const nodePorts = isAllocated ? ports.length : isBalanced ? ports.filter(({ nodePort }) => nodePort).length : 0;
  return {
    'count/services': '1',
    services: '1',
    'services.nodeports': String(nodePorts),
    'services.loadbalancers': isBalanced ? '1' : '0',
  };
}

const serviceNames = ['count/services', 'services', 'services.loadbalancers', 'services.nodeports'];

const own: Readonly<Record<string, Evaluator>> = {
  pods: ofPods,
  services: {
    handles: (operation, subresource) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
    counts: (name) => serviceNames.includes(name),
    matchesScope: noScope,
    missing: nothingMissing,
    usage: (service) => serviceUsage(service as Service),
  },
  persistentvolumeclaims: {
    handles: (operation, subresource) =>
      (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && (subresource === '' || subresource === 'status')),
    counts: isVolumeClaimResource,
    matchesScope: (claim, scope) => volumeClaimMatchesScope(claim as PersistentVolumeClaim, scope),
    missing: nothingMissing,
    usage: (claim) => volumeClaimUsage(claim as PersistentVolumeClaim),
  },
  'resourceclaims.resource.k8s.io': {
    handles: isCreation,
    counts: isResourceClaimResource,
    matchesScope: noScope,
    missing: nothingMissing,
    usage: (claim) => resourceClaimUsage(claim as ResourceClaim),
  },
};

function counting(group: string, resource: string): Evaluator {
  const names = [countName(group, resource), ...(group === '' && aliases.has(resource) ? [resource] : [])];
  const usage = Object.fromEntries(names.map((name) => [name, '1']));
  return {
    handles: isCreation,
    counts: (name) => names.includes(name),
    matchesScope: noScope,
    missing: nothingMissing,
    usage: () => usage,
  };
}

const made = new Map<string, Evaluator>(Object.entries(own));

/** The evaluator of a resource; undefined for Events, which no quota counts. */
export function evaluatorOf(group: string, resource: string): Evaluator | undefined {
  if (resource === 'events') return undefined;
  const key = group === '' ? resource : `${resource}.${group}`;
  let evaluator = made.get(key);
  if (!evaluator) made.set(key, (evaluator = counting(group, resource)));
  return evaluator;
}

/** The scopes of a quota in their long form. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const short = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...short, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}
