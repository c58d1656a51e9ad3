/** CSINode: pkg/registry/storage/csinode/strategy.go. */
import { duplicate, fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { qualifiedName } from '../../machinery/names.ts';
import { age, integer, name } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { CSINode, CSINodeDriver } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, nonNegative } from '../metadata/rules.ts';
import { validateDriverName } from './rules.ts';

const drivers = fieldPath('spec', 'drivers');
/** A node's name as a driver knows it. */
const maxNodeIDLength = 256;

function validateDrivers(list: readonly CSINodeDriver[], errors: FieldError[]): void {
  const known = new Set<string>();
  list.forEach((driver, i) => {
    const at = drivers.index(i);
    const { nodeID = '' } = driver;
    validateDriverName(driver.name, at.child('name'), errors);
    if (nodeID === '') errors.push(required(at.child('nodeID')));
    if (nodeID.length > maxNodeIDLength) errors.push(invalid(at.child('nodeID'), nodeID, `must be ${maxNodeIDLength} characters or less`));
    nonNegative(driver.allocatable?.count, at.child('allocatable', 'count'), errors);
    if (known.has(driver.name)) errors.push(duplicate(at.child('name'), driver.name));
    known.add(driver.name);
    const keys = new Set<string>();
    for (const key of driver.topologyKeys ?? []) {
      if (key === '') errors.push(required(at));
      if (keys.has(key)) errors.push(duplicate(at, key));
      keys.add(key);
      complain(key, qualifiedName(key), at, errors);
    }
  });
}

const withoutCount = ({ allocatable: _, ...driver }: CSINodeDriver): Omit<CSINodeDriver, 'allocatable'> => driver;

/** The descriptor of CSINode. */
export const csiNodes = defineKind<CSINode>({
  group: 'storage.k8s.io',
  kind: 'CSINode',
  resource: 'csinodes',
  isNamespaced: false,
  setDefaults: (node) => fill(node, { spec: { drivers: [] } }),
  validate(node) {
    const errors: FieldError[] = [];
    validateObjectMeta(node.metadata, { isNamespaced: false }, errors);
    validateDrivers(node.spec.drivers ?? [], errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateDrivers(next.spec.drivers ?? [], errors);
    for (const driver of next.spec.drivers ?? []) {
      const before = previous.spec.drivers?.find(({ name }) => name === driver.name);
      if (before) validateImmutable(withoutCount(driver), withoutCount(before), drivers, errors);
    }
    return errors;
  },
  columns: [name(), integer('Drivers', 'How many drivers are installed on the node.', ({ spec }) => spec.drivers?.length ?? 0), age()],
});
