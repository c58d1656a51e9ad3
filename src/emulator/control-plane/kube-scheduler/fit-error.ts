/** The sentence about a Pod that fits nowhere (pkg/scheduler/framework/types.go, FitError). */
import type { NodeRejections, Rejection } from './framework.ts';

/**
 * `0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu.`: each reason with its number of nodes, sorted
 * as texts. `absent` is said of the nodes that no rejection names.
 */
export function explain(
  nodes: number,
  rejections: Pick<NodeRejections, 'forEach'>,
  { absent, absentCount = 0 }: { readonly absent?: string; readonly absentCount?: number } = {},
): string {
  // Nodes share their verdicts, so that few are told apart.
  const verdicts = new Map<Rejection, number>();
  rejections.forEach((why) => void verdicts.set(why, (verdicts.get(why) ?? 0) + 1));
  const counts = new Map<string, number>();
  for (const [{ reasons }, number] of verdicts) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + number);
  if (absent !== undefined && absentCount > 0) counts.set(absent, (counts.get(absent) ?? 0) + absentCount);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const start = `0/${nodes} nodes are available:`;
  return texts.length === 0 ? start : `${start} ${texts.join(', ')}.`;
}
