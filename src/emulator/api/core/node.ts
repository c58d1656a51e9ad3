/** Node: pkg/registry/core/node/strategy.go. */
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { Node } from '../generated/types.ts';
import { nodeColumns } from './node-columns.ts';

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
  setDefaults: (node) => change(node, 'status', (status) => (status.allocatable ?? status.capacity ? fill(status, { allocatable: status.capacity }) : status)),
  prepareForUpdate: keepStatus,
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
});
