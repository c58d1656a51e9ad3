/** The quality of service class of a Pod: ComputePodQOS of pkg/apis/core/helper/qos/qos.go. */
import { compareQuantities, parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import type { PodSpec, ResourceRequirements } from '../../generated/types.ts';

export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

function isPositive(text: string | undefined): boolean {
  return text !== undefined && quantityComplaint(text) === undefined && parseQuantity(text).nanos > 0n;
}

function isEqual(a: string, b: string): boolean {
  return a === b || compareQuantities(parseQuantity(a), parseQuantity(b)) === 0;
}

function compute(spec: PodSpec): QOSClass {
  const all: (ResourceRequirements | undefined)[] = spec.resources
    ? [spec.resources]
    : [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources);
  let hasAny = false;
  let isGuaranteed = true;
  for (const resources of all) {
    for (const name of counted) {
      const request = resources?.requests?.[name];
      const limit = resources?.limits?.[name];
      if (isPositive(request) || isPositive(limit)) hasAny = true;
      // A limit without a request counts as its request, as defaulting writes it.
      if (!isPositive(limit) || (request !== undefined && (quantityComplaint(request) !== undefined || !isEqual(request, limit!))))
        isGuaranteed = false;
    }
  }
  return !hasAny ? 'BestEffort' : isGuaranteed ? 'Guaranteed' : 'Burstable';
}

const known = new WeakMap<readonly unknown[], QOSClass>();

/** The class follows from the resources of the containers, which Pods of one template share. */
export function qosClass(spec: PodSpec): QOSClass {
  if (spec.resources) return compute(spec);
  let found = known.get(spec.containers);
  if (found === undefined || spec.initContainers) {
    found = compute(spec);
    if (!spec.initContainers) known.set(spec.containers, found);
  }
  return found;
}
