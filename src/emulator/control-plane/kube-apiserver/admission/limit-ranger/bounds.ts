/** Where an object leaves the bounds of a LimitRange: minConstraint, maxConstraint and limitRequestRatioConstraint of limitranger/admission.go. */
import { podResources } from '../../../../api/core/pod-spec/pod-resources.ts';
import type { LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../../api/generated/types.ts';
import type { Quantity } from '../../../../machinery/quantity.ts';
import { compareQuantities, milliValue, parseQuantity } from '../../../../machinery/quantity.ts';

type Amounts = Readonly<Record<string, string>>;

/** One kind of thing that is bounded, with what it asks for. */
interface Bounded {
  readonly type: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const of = (amounts: Amounts, name: string): Quantity | undefined =>
  amounts[name] === undefined ? undefined : parseQuantity(amounts[name]);

function minViolation({ type, requests, limits }: Bounded, name: string, bound: Quantity): string | undefined {
  const [request, limit] = [of(requests, name), of(limits, name)];
  const usage = `minimum ${name} usage per ${type} is ${bound.text}`;
  if (!request) return `${usage}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${usage}, but request is ${request.text}`;
  return limit && compareQuantities(limit, bound) < 0 ? `${usage}, but limit is ${limit.text}` : undefined;
}

function maxViolation({ type, requests, limits }: Bounded, name: string, bound: Quantity): string | undefined {
  const [request, limit] = [of(requests, name), of(limits, name)];
  const usage = `maximum ${name} usage per ${type} is ${bound.text}`;
  if (!limit) return `${usage}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${usage}, but limit is ${limit.text}`;
  return request && compareQuantities(request, bound) > 0 ? `${usage}, but request is ${request.text}` : undefined;
}

function ratioViolation({ type, requests, limits }: Bounded, name: string, bound: Quantity): string | undefined {
  const [request, limit] = [of(requests, name), of(limits, name)];
  const ratio = `${name} max limit to request ratio per ${type} is ${bound.text}`;
  if (!request || request.nanos === 0n) return `${ratio}, but no request is specified or request is 0`;
  if (!limit || limit.nanos === 0n) return `${ratio}, but no limit is specified or limit is 0`;
  const observed = milliValue(limit.text) / milliValue(request.text);
  return observed > milliValue(bound.text) / 1000 ? `${ratio}, but provided ratio is ${observed.toFixed(6)}` : undefined;
}

const checks = [
  ['min', minViolation],
  ['max', maxViolation],
  ['maxLimitRequestRatio', ratioViolation],
] as const;

function violations(item: LimitRangeItem, bounded: Bounded): readonly string[] {
  return checks.flatMap(([list, check]) =>
    Object.keys(item[list] ?? {})
      .sort()
      .flatMap((name) => check(bounded, name, parseQuantity(item[list]![name]!)) ?? []),
  );
}

/** What is wrong with a Pod: each container by itself, and all together. */
export function podViolations(pod: Pod, items: readonly LimitRangeItem[]): readonly string[] {
  return items.flatMap((item) => {
    // Unverified: upstream may leave sidecars and the overhead of a RuntimeClass out of the sum of a Pod.
    if (item.type === 'Pod')
      return violations(item, { type: 'Pod', requests: podResources(pod, 'requests'), limits: podResources(pod, 'limits') });
    if (item.type !== 'Container') return [];
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) =>
      violations(item, { type: 'Container', requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
    );
  });
}

/** What is wrong with a claim. Claims have requests only, so the maximum is held against the request. */
export function claimViolations({ spec }: PersistentVolumeClaim, items: readonly LimitRangeItem[]): readonly string[] {
  const requests = spec?.resources?.requests ?? {};
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...violations({ ...item, max: undefined, maxLimitRequestRatio: undefined }, { type: item.type, requests, limits: {} }),
      ...Object.keys(item.max ?? {})
        .sort()
        .flatMap((name) => maxRequestViolation(item.type, name, of(requests, name), parseQuantity(item.max![name]!)) ?? []),
    ]);
}

function maxRequestViolation(type: string, name: string, request: Quantity | undefined, bound: Quantity): string | undefined {
  const usage = `maximum ${name} usage per ${type} is ${bound.text}`;
  if (!request) return `${usage}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${usage}, but request is ${request.text}` : undefined;
}
