/** IPAddress: pkg/registry/networking/ipaddress/strategy.go. The name is the address, which is how none is given out twice. */
import { fieldPath, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Subdomain, pathSegmentName } from '../../machinery/names.ts';
import { name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { IPAddress, ParentReference } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, isIPv4, isIPv6 } from '../metadata/rules.ts';
import { validateSegment } from './ingress-validation.ts';

const parentRef = fieldPath('spec', 'parentRef');

const addressName = (text: string): readonly string[] =>
  isIPv4(text) || isIPv6(text) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];

function validateParent(parent: ParentReference | undefined, errors: FieldError[]): void {
  if (!parent) {
    errors.push(required(parentRef));
    return;
  }
  const { group, resource, name: own, namespace } = parent;
  if (group) complain(group, dns1123Subdomain(group), parentRef.child('group'), errors);
  validateSegment(resource, parentRef.child('resource'), errors);
  validateSegment(own, parentRef.child('name'), errors);
  if (namespace) complain(namespace, pathSegmentName(namespace), parentRef.child('namespace'), errors);
}

function parentText({ group, resource, namespace, name: own }: ParentReference): string {
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), own].join('/');
}

/** The descriptor of IPAddress. */
export const ipAddresses = defineKind<IPAddress>({
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  resource: 'ipaddresses',
  shortNames: ['ip'],
  isNamespaced: false,
  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { isNamespaced: false, nameRule: addressName }, errors);
    validateParent(spec?.parentRef, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutable(next.spec?.parentRef, previous.spec?.parentRef, parentRef, errors);
    return errors;
  },
  columns: [name(), text('ParentRef', 'Whose address it is.', ({ spec }) => (spec?.parentRef ? parentText(spec.parentRef) : '<none>'))],
  selectableFields: {
    'spec.parentRef.group': ({ spec }) => spec?.parentRef?.group ?? '',
    'spec.parentRef.name': ({ spec }) => spec?.parentRef?.name ?? '',
    'spec.parentRef.namespace': ({ spec }) => spec?.parentRef?.namespace ?? '',
    'spec.parentRef.resource': ({ spec }) => spec?.parentRef?.resource ?? '',
  },
});
