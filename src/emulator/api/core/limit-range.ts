/** LimitRange: pkg/registry/core/limitrange/strategy.go, ValidateLimitRange of pkg/apis/core/validation/validation.go. */
import { duplicate, fieldPath, forbidden, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { qualifiedName } from '../../machinery/names.ts';
import type { Quantity } from '../../machinery/quantity.ts';
import { compareQuantities, milliValue, parseQuantity, quantityComplaint } from '../../machinery/quantity.ts';
import { defineKind } from '../define-kind.ts';
import { change, mapSame } from '../fill.ts';
import type { LimitRange, LimitRangeItem } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { canonicalQuantities } from './pod-spec/container-defaults.ts';
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from './pod-spec/resource-validation.ts';

type Amounts = Readonly<Record<string, string>>;
const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type ListName = (typeof lists)[number];

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];
const limits = fieldPath('spec', 'limits');

/** What `into` lacks and `from` has. */
function borrow(into: Amounts | undefined, from: Amounts | undefined): Amounts | undefined {
  const missing = Object.keys(from ?? {}).filter((name) => into?.[name] === undefined);
  return missing.length === 0 ? into : { ...into, ...Object.fromEntries(missing.map((name) => [name, from![name]!])) };
}

/** SetDefaults_LimitRangeItem of pkg/apis/core/v1/defaults.go: a container's limits follow the maximum, its requests the limits and the minimum. */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  let result = item;
  for (const list of lists) result = change(result, list, canonicalQuantities);
  if (item.type !== 'Container') return result;
  const limit = borrow(result.default, result.max);
  const request = borrow(borrow(result.defaultRequest, limit), result.min);
  if (limit === result.default && request === result.defaultRequest) return result;
  return { ...result, default: limit, defaultRequest: request };
}

function validateType(type: string | undefined, path: FieldPath, errors: FieldError[]): void {
  const complaints = qualifiedName(type ?? '');
  complain(type ?? '', complaints, path, errors);
  if (complaints.length === 0 && !type?.includes('/') && !standardTypes.includes(type ?? ''))
    errors.push(invalid(path, type, 'must be a standard limit type or fully qualified'));
}

/** The amounts of one resource that a limit names. */
type Bounds = Readonly<Record<ListName, Quantity | undefined>>;

function boundsOf(item: LimitRangeItem, name: string): Bounds {
  const of = (list: ListName): Quantity | undefined => {
    const text = item[list]?.[name];
    return text === undefined || quantityComplaint(text) !== undefined ? undefined : parseQuantity(text);
  };
  return {
    max: of('max'),
    min: of('min'),
    default: of('default'),
    defaultRequest: of('defaultRequest'),
    maxLimitRequestRatio: of('maxLimitRequestRatio'),
  };
}

/** Pairs that must be in order: which two, where the error stands, which value it shows, and the words for both. */
const orders: readonly (readonly [ListName, ListName, ListName, ListName, string, string])[] = [
  ['min', 'max', 'min', 'min', 'min value', 'max value'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min value', 'default request value'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request value', 'max value'],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest', 'default request value', 'default limit value'],
  ['min', 'default', 'default', 'min', 'min value', 'default value'],
  ['default', 'max', 'default', 'max', 'default value', 'max value'],
];

function validateBounds(name: string, bounds: Bounds, path: FieldPath, errors: FieldError[]): void {
  for (const [low, high, at, shown, lowWord, highWord] of orders) {
    const [a, b] = [bounds[low], bounds[high]];
    if (a && b && compareQuantities(a, b) > 0)
      errors.push(invalid(path.child(at).key(name), bounds[shown]!.text, `${lowWord} ${a.text} is greater than ${highWord} ${b.text}`));
  }
  const { maxLimitRequestRatio: ratio, max, min } = bounds;
  const at = path.child('maxLimitRequestRatio').key(name);
  if (ratio && ratio.nanos < 1_000_000_000n) errors.push(invalid(at, ratio.text, `ratio ${ratio.text} is less than 1`));
  if (ratio && min && max && min.nanos > 0n) {
    const most = milliValue(max.text) / milliValue(min.text);
    if (milliValue(ratio.text) / 1000 > most)
      errors.push(invalid(at, ratio.text, `ratio ${ratio.text} is greater than max/min = ${most.toFixed(6)}`));
  }
  const { default: limit, defaultRequest: request } = bounds;
  if (!isOvercommitAllowed(name) && limit && request && compareQuantities(limit, request) !== 0) {
    errors.push(
      invalid(
        path.child('defaultRequest').key(name),
        request.text,
        `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`,
      ),
    );
  }
}

function validateItem(item: LimitRangeItem, path: FieldPath, errors: FieldError[]): void {
  const isOfContainers = item.type === 'Pod' || item.type === 'Container';
  const names = new Set<string>();
  for (const list of lists) {
    if (item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (Object.keys(item[list] ?? {}).length > 0) errors.push(forbidden(path.child(list), "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name in item[list]) {
      const at = path.child(list).key(name);
      if (isOfContainers) validateContainerResourceName(name, at, errors);
      else validateResourceName(name, at, errors);
      const complaint = quantityComplaint(item[list][name]!);
      if (complaint !== undefined) errors.push(invalid(at, item[list][name], complaint));
      names.add(name);
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined)
    errors.push(required(path.child('limits'), 'either minimum or maximum storage value is required, but neither was provided'));
  for (const name of names) validateBounds(name, boundsOf(item, name), path, errors);
}

function validateLimits({ spec }: LimitRange, errors: FieldError[]): void {
  const seen = new Set<string>();
  (spec?.limits ?? []).forEach((item, i) => {
    const path = limits.index(i);
    validateType(item.type, path.child('type'), errors);
    if (seen.has(item.type)) errors.push(duplicate(path.child('type'), item.type));
    seen.add(item.type);
    validateItem(item, path, errors);
  });
}

/** The descriptor of LimitRange. */
export const limitRanges = defineKind<LimitRange>({
  kind: 'LimitRange',
  resource: 'limitranges',
  shortNames: ['limits'],
  setDefaults: (range) => change(range, 'spec', (spec) => change(spec, 'limits', (items) => mapSame(items, defaultItem))),
  // Differs from Kubernetes: a range without a name is called by its own UID and not by one made for the purpose.
  prepareForCreate: (range) => (range.metadata.name ? range : { ...range, metadata: { ...range.metadata, name: range.metadata.uid } }),
  validate(range) {
    const errors: FieldError[] = [];
    validateObjectMeta(range.metadata, { isNamespaced: true }, errors);
    validateLimits(range, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateLimits(next, errors);
    return errors;
  },
});
