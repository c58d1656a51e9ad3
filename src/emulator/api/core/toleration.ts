import type { Taint, Toleration } from '../generated/types.ts';

/** Whether any of the tolerations covers the taint (core/v1 Toleration.ToleratesTaint). */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  if (!tolerations) return false;
  for (const { key, operator, value, effect } of tolerations) {
    if (effect && effect !== taint.effect) continue;
    if (key && key !== taint.key) continue;
    if (operator === 'Exists' || (key && (value ?? '') === (taint.value ?? ''))) return true;
  }
  return false;
}
