/** Job: pkg/registry/batch/job/strategy.go. */
import { parseTime } from '../../kernel/time.ts';
import { humanDuration } from '../../machinery/duration.ts';
import { fieldPath } from '../../machinery/field-error.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { age, name, text, workloadColumns } from '../columns.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { hostnameWarnings, podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill, fillNil, mapSame } from '../fill.ts';
import type { Job, JobSpec } from '../generated/types.ts';
import { withGeneratedSelector } from './job-labels.ts';
import { validateJob, validateJobUpdate } from './job-validation.ts';

/** Defaults that a Job has wherever it stands: the template, and statuses of podFailurePolicy that are left out. */
export function defaultJobTemplate(spec: JobSpec): JobSpec {
  const withPolicy = change(spec, 'podFailurePolicy', (policy) =>
    change(policy, 'rules', (rules) =>
      mapSame(rules, (rule) =>
        change(rule, 'onPodConditions', (patterns) => mapSame(patterns, (pattern) => fill(pattern, { status: 'True' }))),
      ),
    ),
  );
  return change(withPolicy, 'template', defaultTemplate);
}

/** SetDefaults_Job of pkg/apis/batch/v1/defaults.go. */
function defaultSpec(spec: JobSpec): JobSpec {
  const isSingle = spec.completions === undefined && spec.parallelism === undefined;
  const filled = fillNil(spec, {
    ...(isSingle && { completions: 1 }),
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
  });
  return defaultJobTemplate(filled);
}

/** A Job without labels has those of its template. */
function withTemplateLabels(job: Job): Job {
  const labels = job.spec?.template?.metadata?.labels;
  if (!labels || Object.keys(job.metadata.labels ?? {}).length > 0) return job;
  return { ...job, metadata: { ...job.metadata, labels } };
}

function prepareForCreate(job: Job): Job {
  const fresh = withoutStatus(job);
  const selecting = job.spec && !job.spec.manualSelector ? withGeneratedSelector(fresh) : fresh;
  // The labels that stand for those of the Job are the template's own, and so get what was added to these.
  const isShared = job.metadata.labels !== undefined && job.metadata.labels === job.spec?.template?.metadata?.labels;
  return withTemplateLabels(isShared ? { ...selecting, metadata: { ...selecting.metadata, labels: undefined } } : selecting);
}

/** Whether a condition of the status holds. */
export function hasJobCondition({ status }: Job, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function stateOf(job: Job): string {
  if (hasJobCondition(job, 'Complete')) return 'Complete';
  if (hasJobCondition(job, 'Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => hasJobCondition(job, type)) ?? 'Running';
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Job, nowMs: number): string {
  const start = status?.startTime && parseTime(status.startTime);
  if (!start) return '';
  return humanDuration((status.completionTime ? parseTime(status.completionTime)! : nowMs) - start);
}

function warnings(job: Job, previous: Job | undefined): readonly string[] {
  const { completions = 0, parallelism = 0, completionMode, template, managedBy } = job.spec;
  const own: string[] = [];
  if (!previous && job.metadata.name) own.push(...hostnameWarnings(dns1123Label(job.metadata.name), 'Pod names and hostnames'));
  if (completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000)
    own.push(
      `${fieldPath('spec')}: In Indexed Jobs with a number of completions higher than 100000 and a parallelism higher than 10000, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    );
  // Differs from Kubernetes: that nobody looks after such a Job is said; upstream leaves it to the controller that is named.
  if (!previous && managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller')
    own.push(`spec.managedBy: the Job is left to ${managedBy}, which is no part of this cluster`);
  own.push(...podWarnings(template, previous?.spec.template, 'template'));
  return own;
}

/** The descriptor of Job. */
// Differs from Kubernetes: a status that cannot be is not refused; only the Job controller is expected to write one.
export const jobs = defineKind<Job>({
  group: 'batch',
  kind: 'Job',
  resource: 'jobs',
  categories: ['all'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults: (job) => change(withTemplateLabels(job), 'spec', defaultSpec),
  prepareForCreate,
  prepareForUpdate: keepStatus,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings,
  columns: [
    name(),
    text('Status', 'How far the Job has come.', stateOf),
    text('Completions', 'Pods that succeeded, of those wanted.', completionsOf),
    text('Duration', 'How long the Job ran.', durationOf),
    age(),
    ...workloadColumns<Job>(),
  ],
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  defaultPropagation: 'Orphan',
  orphanWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
});
