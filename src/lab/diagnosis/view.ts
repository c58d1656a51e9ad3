/** What is wrong, what was looked at, and what to look at next, for the chart of the page. */
import type { LabCluster } from '../cluster.ts';
import type { DiagnosisView, Trouble } from '../page/protocol.ts';
import { branches, wide } from './flow.ts';
import type { Sign, Step } from './step.ts';
import type { LookRecorder } from './looks.ts';
import { troublesOf } from './troubles.ts';

export function diagnosisView(cluster: LabCluster, startMs: number, looks: LookRecorder): DiagnosisView {
  const troubles = troublesOf(cluster, startMs, looks.lastAnswerMs);
  const hasLooked = (step: Step, namespace: string, sinceMs: number): boolean =>
    step.looks.some((look) => looks.hasLooked(look, namespace, sinceMs));
  const looked = new Set(wide.filter((step) => hasLooked(step, '', startMs)).map(({ id }) => id));
  for (const { sign, namespace, sinceMs } of troubles) {
    for (const step of stepsOf(sign)) if (hasLooked(step, namespace, startMs + sinceMs)) looked.add(step.id);
  }
  return { troubles, looked: [...looked], next: nextOf(troubles, looked) };
}

const stepsOf = (sign: Sign): readonly Step[] => branches.find((branch) => branch.sign === sign)!.steps;

/**
 * The first of the wide questions that was not asked; then those of the widest trouble that what the cluster says makes
 * sensible. While the API server is silent, nothing else can be known.
 */
function nextOf(troubles: readonly Trouble[], looked: ReadonlySet<string>): string | undefined {
  const [first] = troubles;
  const isSilent = first?.sign === 'silent';
  const steps = (isSilent ? [first] : troubles).flatMap(({ sign, evidence }) =>
    stepsOf(sign).filter((step) => step.evidence?.test(evidence) ?? true),
  );
  return [...(isSilent ? [] : wide), ...steps].find(({ id }) => !looked.has(id))?.id;
}
