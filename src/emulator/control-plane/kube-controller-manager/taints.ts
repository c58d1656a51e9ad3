/** Taints that follow from the state of a Node (core/v1 well_known_taints.go), and who tolerates them. */
import type { Node, Taint, Toleration } from '../../api/generated/types.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Whether a toleration covers a taint (Toleration.ToleratesTaint). */
export function toleratesTaint({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (Boolean(key) && (value ?? '') === (taint.value ?? ''));
}

export const sameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

export function hasTaint(node: Node, key: string, effect: string): boolean {
  return node.spec?.taints?.some((taint) => taint.key === key && taint.effect === effect) ?? false;
}
