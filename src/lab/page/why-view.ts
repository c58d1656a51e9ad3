/** Why an object is as it is, as the page shows it. */
import type { SchedulingAttempt } from '../../emulator/control-plane/kube-scheduler/decisions.ts';
import { isSchedulingAttempt } from '../../emulator/control-plane/kube-scheduler/decisions.ts';
import { whyWords } from '../../emulator/control-plane/kube-scheduler/why.ts';
import type { DecisionLog } from '../../emulator/kernel/index.ts';
import type { ObjectRef, SchedulingView, WhyView } from './protocol.ts';

/** How many nodes of each sort the page gets: a picture of more is none. */
const maxNodes = 20;

/** Everything that is remembered of an object, the latest first. */
export function whyView(log: DecisionLog | undefined, startMs: number, { resource, namespace, name }: ObjectRef): readonly WhyView[] {
  const decisions = log?.about(resource, namespace, name) ?? [];
  return decisions
    .map(({ id, atMs, data }): WhyView | undefined =>
      isSchedulingAttempt(data) ? { ...schedulingView(data), id, atMs: atMs - startMs } : undefined,
    )
    .filter((view) => view !== undefined)
    .reverse();
}

function schedulingView(attempt: SchedulingAttempt): SchedulingView {
  const scored = attempt.scored.slice(0, maxNodes).map(({ node, scores, total }) => ({
    node,
    total,
    points: scores.map((score, i) => score * attempt.plugins[i]!.weight),
  }));
  const rejected = attempt.rejected.slice(0, maxNodes).map(({ node, plugin, reasons }) => ({ node, plugin, reason: reasons.join(', ') }));
  return {
    sort: 'scheduling',
    by: attempt.profile,
    attempt: attempt.attempt,
    sentence: whyWords(attempt),
    message: attempt.message,
    chosen: attempt.chosen,
    plugins: attempt.plugins,
    scored,
    rejected,
    leftOut: {
      scored: attempt.feasibleCount - scored.length,
      rejected: attempt.rejectedCount - rejected.length,
      unseen: attempt.unseenCount,
    },
  };
}
