/** Node: pkg/registry/core/node/strategy.go. */
import { duplicate, fieldPath, forbidden, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { labelValue, qualifiedName } from '../../machinery/names.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { Node, NodeSpec, NodeStatus, Taint } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, oneOf } from '../metadata/rules.ts';
import { validateCIDR } from '../networking/cidr.ts';
import { goTaint } from './go-structs.ts';
import { nodeColumns } from './node-columns.ts';
import { taintEffects } from './pod-spec/scheduling-validation.ts';

const spec = fieldPath('spec');

/** validateNodeTaints of pkg/apis/core/validation/validation.go, which speaks of metadata. */
function validateTaints(taints: readonly Taint[], errors: FieldError[]): void {
  const seen = new Set<string>();
  taints.forEach((taint, i) => {
    const at = fieldPath('metadata', 'taints').index(i);
    complain(taint.key, qualifiedName(taint.key), at.child('key'), errors);
    const complaints = labelValue(taint.value ?? '');
    if (complaints.length > 0) errors.push(invalid(at.child('value'), taint.value, complaints.join(';')));
    oneOf(taint.effect, taintEffects, at.child('effect'), errors);
    const pair = `${taint.key}:${taint.effect}`;
    if (seen.has(pair)) errors.push({ ...duplicate(at, goTaint(taint)), detail: 'taints must be unique by key and effect pair' });
    seen.add(pair);
  });
}

function validatePodCIDRs(ranges: readonly string[], errors: FieldError[]): void {
  const path = spec.child('podCIDRs');
  ranges.forEach((range, i) => {
    validateCIDR(range, path.index(i), errors);
  });
  const families = new Set(ranges.map((range) => range.includes(':')));
  if (ranges.length > families.size) errors.push(invalid(path, ranges, 'may specify no more than one CIDR for each IP family'));
}

/** The first of the ranges has a field of its own, of older clients, which is right where the two differ. */
function withPodCIDRs(given: NodeSpec): NodeSpec {
  const { podCIDR, podCIDRs } = given;
  const first = podCIDRs?.[0];
  if (podCIDR === first || (!podCIDR && first === undefined)) return given;
  return podCIDR ? { ...given, podCIDRs: [podCIDR] } : { ...given, podCIDR: first };
}

const withAllocatable = (status: NodeStatus): NodeStatus =>
  (status.allocatable ?? status.capacity) ? fill(status, { allocatable: status.capacity }) : status;

function validate(node: Node): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(node.metadata, { isNamespaced: false }, errors);
  validateTaints(node.spec.taints ?? [], errors);
  validatePodCIDRs(node.spec.podCIDRs ?? [], errors);
  return errors;
}

function validateUpdate(next: Node, previous: Node): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  validateTaints(next.spec.taints ?? [], errors);
  if (previous.spec.podCIDR && next.spec.podCIDR !== previous.spec.podCIDR) {
    errors.push(forbidden(spec.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'));
  }
  if (previous.spec.providerID && next.spec.providerID !== previous.spec.providerID) {
    errors.push(forbidden(spec.child('providerID'), 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

/** The descriptor of Node. */
export const nodes = defineKind<Node>({
  kind: 'Node',
  resource: 'nodes',
  shortNames: ['no'],
  isNamespaced: false,
  storagePrefix: 'minions',
  subresources: {
    proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions' },
    status: statusSubresource(),
  },
  setDefaults: (node) => change(change(node, 'spec', withPodCIDRs), 'status', withAllocatable),
  defaultsStatus: true,
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate,
  // Both are spoken of in fieldIsDeprecatedWarnings, and do nothing in Kubernetes either.
  warnings: ({ spec: own }) => [
    ...(own?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(own?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ],
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
});
