/** Taints that follow from the state of a Node (core/v1 well_known_taints.go). */
export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';
