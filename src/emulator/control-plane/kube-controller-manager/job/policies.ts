/** podFailurePolicy and successPolicy (pkg/controller/job/{pod_failure_policy,success_policy}.go). */
import type { IndexIntervals } from '../../../api/batch/index-intervals.ts';
import { IndexIntervals as Intervals } from '../../../api/batch/index-intervals.ts';
import type { ContainerStatus, Job, Pod, PodFailurePolicyOnExitCodesRequirement } from '../../../api/generated/types.ts';

/** What a rule says of a failed Pod. */
export interface Verdict {
  readonly action: string | undefined;
  /** Whether the failure counts towards the limits. */
  readonly counts: boolean;
  /** Why the Job fails, if it does. */
  readonly failure: string | undefined;
}

const noRule: Verdict = { action: undefined, counts: true, failure: undefined };

/** The verdict of the first rule that matches. */
export function judge({ spec }: Job, pod: Pod): Verdict {
  const { name, namespace } = pod.metadata;
  for (const [i, { action, onExitCodes, onPodConditions }] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) continue;
    const container = onExitCodes && containerWithCode(pod, onExitCodes);
    const condition =
      !onExitCodes &&
      pod.status?.conditions?.find(({ type, status }) => onPodConditions?.some((one) => one.type === type && one.status === status));
    if (!container && !condition) continue;
    if (action !== 'FailJob') return { action, counts: action !== 'Ignore', failure: undefined };
    const failure = container
      ? `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.state!.terminated!.exitCode} matching ${action} rule at index ${i}`
      : `Pod ${namespace}/${name} has condition ${(condition as { type: string }).type} matching ${action} rule at index ${i}`;
    return { action, counts: true, failure };
  }
  return noRule;
}

function containerWithCode({ status }: Pod, rule: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(({ name, state }) => {
    const code = state?.terminated?.exitCode;
    if (!code || (rule.containerName !== undefined && rule.containerName !== name)) return false;
    return rule.values.includes(code) === (rule.operator === 'In');
  });
}

/** The message of the first success rule that is met. */
export function metSuccessRule({ spec }: Job, succeeded: IndexIntervals): string | undefined {
  if (succeeded.total === 0) return undefined;
  for (const [i, { succeededIndexes, succeededCount }] of (spec.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? undefined : Intervals.parse(succeededIndexes, spec.completions ?? 0);
    const count = wanted ? succeeded.countCommon(wanted) : succeeded.total;
    if (count >= (succeededCount ?? wanted?.total ?? Number.POSITIVE_INFINITY)) return `Matched rules at index ${i}`;
  }
  return undefined;
}
