/** RuntimeClass: pkg/registry/node/runtimeclass/strategy.go, pkg/apis/node/validation/validation.go. */
import { equal } from '../../machinery/equality.ts';
import { duplicate, fieldPath } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { validateResources } from '../core/pod-spec/resource-validation.ts';
import { validateTolerations } from '../core/pod-spec/scheduling-validation.ts';
import { canonicalQuantities } from '../core/pod-spec/container-defaults.ts';
import { defineKind } from '../define-kind.ts';
import { change } from '../fill.ts';
import type { RuntimeClass } from '../generated/types.ts';
import { metaUpdateErrors, validateImmutable, validateLabels, validateObjectMeta } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';

type Toleration = NonNullable<NonNullable<RuntimeClass['scheduling']>['tolerations']>[number];

const listKeyOf = ({ key = '', operator = '', value = '', effect = '' }: Toleration): object => ({
  Key: key,
  Operator: operator,
  Value: value,
  Effect: effect,
});

/** A toleration as Go prints its internal type. */
const inGo = (toleration: Toleration): object => ({ ...listKeyOf(toleration), TolerationSeconds: toleration.tolerationSeconds ?? null });

/** The descriptor of RuntimeClass. */
export const runtimeClasses = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  isNamespaced: false,
  setDefaults: (runtimeClass) => change(runtimeClass, 'overhead', (overhead) => change(overhead, 'podFixed', canonicalQuantities)),
  validate({ metadata, handler, overhead, scheduling }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { isNamespaced: false }, errors);
    complain(handler, dns1123Label(handler), fieldPath('handler'), errors);
    if (overhead) validateResources({ limits: overhead.podFixed }, fieldPath('overhead'), errors);
    const path = fieldPath('scheduling');
    validateLabels(scheduling?.nodeSelector, path.child('nodeSelector'), errors);
    const tolerations = scheduling?.tolerations ?? [];
    // Upstream says the field's name twice.
    validateTolerations(tolerations, path.child('tolerations', 'tolerations'), errors);
    tolerations.forEach((toleration, i) => {
      if (tolerations.slice(0, i).some((other) => equal(listKeyOf(other), listKeyOf(toleration))))
        errors.push(duplicate(path.child('tolerations').index(i), inGo(toleration)));
    });
    return errors;
  },
  validateUpdate(next, previous) {
    const errors = [...metaUpdateErrors(next, previous)];
    validateImmutable(next.handler, previous.handler, fieldPath('handler'), errors);
    return errors;
  },
  columns: [name(), text('Handler', 'What the node’s container runtime calls it.', ({ handler }) => handler), age()],
});
