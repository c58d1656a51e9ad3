/** The row of a Node, as printNode of pkg/printers/internalversion/printers.go. */
import { age, name, text } from '../columns.ts';
import type { Node } from '../generated/types.ts';
import type { Column } from '../kind.ts';

const rolePrefix = 'node-role.kubernetes.io/';

function statusText(node: Node): string {
  const ready = node.status?.conditions?.findLast((condition) => condition.type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function roles(node: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) found.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return [...found].sort().join(',') || '<none>';
}

const address = (node: Node, type: string): string => node.status?.addresses?.find((entry) => entry.type === type)?.address ?? '<none>';

/** Columns of `kubectl get nodes`. */
export const nodeColumns: readonly Column<Node>[] = [
  name(),
  text('Status', 'Whether the node is ready and takes Pods.', statusText),
  text('Roles', 'Roles from the labels of the node.', roles),
  age(),
  text('Version', 'Version of the kubelet.', (node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
  text('Internal-IP', 'Address inside the cluster.', (node) => address(node, 'InternalIP'), 1),
  text('External-IP', 'Address from outside.', (node) => address(node, 'ExternalIP'), 1),
  text('OS-Image', 'The operating system.', (node) => node.status?.nodeInfo?.osImage || '<unknown>', 1),
  text('Kernel-Version', 'The version of the kernel.', (node) => node.status?.nodeInfo?.kernelVersion || '<unknown>', 1),
  text(
    'Container-Runtime',
    'The container runtime and its version.',
    (node) => node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    1,
  ),
];
