/** The scheduler's decisions in the trace: every node's verdict by plugin, every score, the choice. */
import type { Pod } from '../../api/generated/types.ts';
import type { Trace, TraceObject } from '../../kernel/index.ts';
import type { Cycle, NodeSet, Rejection } from './framework.ts';
import type { PluginScores } from './placement.ts';

const component = 'kube-scheduler';

function traced({ metadata: { namespace, name, uid } }: Pod): TraceObject {
  return { resource: 'pods', namespace, name, uid };
}

export function traceFilters(
  trace: Trace,
  { pod, cache }: Cycle,
  { indices, count }: NodeSet,
  rejections: ReadonlyMap<number, Rejection>,
): void {
  const nodes: { readonly node: string; readonly plugin?: string; readonly reasons?: readonly string[] }[] = [];
  for (let n = 0; n < count; n++) nodes.push({ node: cache.nodes[indices[n]!]!.name });
  for (const [node, { plugin, reasons }] of rejections) nodes.push({ node: cache.nodes[node]!.name, plugin, reasons });
  trace.emit(component, traced(pod), { type: 'decision', by: 'Filter', verdict: `${count} of ${cache.nodes.length} nodes`, data: nodes });
}

export function traceScores(
  trace: Trace,
  { pod, cache }: Cycle,
  { indices, count }: NodeSet,
  plugins: readonly PluginScores[],
  best: number,
): void {
  const nodes = Array.from({ length: count }, (_, n) => {
    const scores: Record<string, number> = {};
    let total = 0;
    for (const { plugin, weight, scores: all } of plugins) {
      scores[plugin] = weight * all[n]!;
      total += weight * all[n]!;
    }
    return { node: cache.nodes[indices[n]!]!.name, scores, total };
  });
  trace.emit(component, traced(pod), { type: 'decision', by: 'Score', verdict: cache.nodes[best]!.name, data: nodes });
}

export function traceBinding(trace: Trace, pod: Pod, nodeName: string): void {
  trace.emit(component, traced(pod), { type: 'decision', by: 'Bind', verdict: nodeName });
}
