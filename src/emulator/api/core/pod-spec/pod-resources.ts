/**
 * Requests and limits of a whole Pod: the sum of its containers, and what `spec.resources` says of all of them together (beta and on by
 * default in v1.34). Upstream: component-helpers/resource/helpers.go, pkg/apis/core/v1/defaults.go (defaultPodRequests) and
 * pkg/apis/core/validation/validation.go (validatePodResources).
 */
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { forbidden, invalid, notSupported } from '../../../machinery/field-error.ts';
import { compareQuantities, parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import type { PodSpec } from '../../generated/types.ts';
import { addLists, maxLists } from '../quota/resource-list.ts';
import type { ResourceList } from '../quota/resource-list.ts';
import { isOvercommitAllowed, validateRequirements, validateResourceName } from './resource-validation.ts';

/** Resources of which a Pod as a whole can have an amount. */
const isOfPods = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** Containers and sidecars together, or what an init container needs beside the sidecars before it. */
export function containerResources(spec: PodSpec, of: 'requests' | 'limits'): ResourceList {
  let sum: ResourceList = {};
  for (const { resources } of spec.containers) sum = addLists(sum, resources?.[of] ?? {});
  let sidecars: ResourceList = {};
  let most: ResourceList = {};
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const own = resources?.[of] ?? {};
    if (restartPolicy === 'Always') {
      sum = addLists(sum, own);
      sidecars = addLists(sidecars, own);
      most = maxLists(most, sidecars);
    } else most = maxLists(most, addLists(own, sidecars));
  }
  return maxLists(sum, most);
}

/** What a Pod says of itself takes the place of what its containers say; the overhead of its RuntimeClass comes on top. */
export function podResources({ spec }: { readonly spec: PodSpec }, of: 'requests' | 'limits'): ResourceList {
  const own = Object.entries(spec.resources?.[of] ?? {}).filter(([name]) => isOfPods(name));
  const total = { ...containerResources(spec, of), ...Object.fromEntries(own) };
  if (!spec.overhead) return total;
  if (of === 'requests') return addLists(total, spec.overhead);
  // Overhead raises a limit that is there; it makes none.
  return addLists(total, Object.fromEntries(Object.entries(spec.overhead).filter(([name]) => total[name] !== undefined)));
}

/** Whether a Pod says anything of itself. */
export function hasPodResources({ resources }: PodSpec): boolean {
  return [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).some(isOfPods));
}

/** Whether all amounts can be read: one that cannot is left for validation to refuse. */
function isReadable(spec: PodSpec): boolean {
  const lists = [spec, ...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) => [
    resources?.requests,
    resources?.limits,
  ]);
  return lists.every((list) => Object.values(list ?? {}).every((text) => quantityComplaint(text) === undefined));
}

/** Requests that a Pod with limits leaves out: what its containers ask for, or else its limits. */
export function withPodRequests(spec: PodSpec): PodSpec {
  const limits = spec.resources?.limits ?? {};
  if (Object.keys(limits).length === 0 || !isReadable(spec)) return spec;
  const asked = Object.entries(containerResources(spec, 'requests')).filter(([name]) => isOfPods(name) && isOvercommitAllowed(name));
  const requests = {
    ...Object.fromEntries(Object.entries(limits).filter(([name]) => isOfPods(name))),
    ...Object.fromEntries(asked),
    ...spec.resources?.requests,
  };
  return { ...spec, resources: { ...spec.resources, requests } };
}

/** Names and amounts, and that they agree with those of the containers. */
export function validatePodResources(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const { resources } = spec;
  if (!resources) return;
  if (spec.os?.name === 'windows') {
    errors.push(forbidden(path, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims?.length) errors.push(forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level'));
  validateRequirements(resources, path, errors, (name, at) => {
    const before = errors.length;
    validateResourceName(name, at, errors);
    if (errors.length === before && !isOfPods(name)) errors.push(notSupported(at, name, ['cpu', 'hugepages-', 'memory']));
  });
  if (isReadable(spec)) validateConsistency(spec, path, errors);
}

/** The requests of a Pod cover those of its containers, and no container has a higher limit than its Pod (validatePodResourceConsistency). */
function validateConsistency(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const isAbove = (a: string, b: string): boolean => compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
  const { requests = {}, limits = {} } = spec.resources!;
  for (const [list, own] of [
    ['requests', requests],
    ['limits', limits],
  ] as const)
    for (const [name, sum] of Object.entries(containerResources(spec, list)).sort(([a], [b]) => (a < b ? -1 : 1)))
      if ((list === 'requests' || name.startsWith('hugepages-')) && own[name] !== undefined && isAbove(sum, own[name]))
        errors.push(
          invalid(path.child(list).key(name), own[name], `must be greater than or equal to aggregate container ${list} of ${sum}`),
        );
  spec.containers.forEach((container, i) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {}))
      if (limits[name] !== undefined && isAbove(limit, limits[name]))
        errors.push(
          invalid(
            path.child('containers').index(i).key(name).child('limits'),
            limit,
            `must be less than or equal to pod limits of ${limits[name]}`,
          ),
        );
  });
}
