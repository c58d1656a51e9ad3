/** CronJob: pkg/registry/batch/cronjob/strategy.go. */
import { CronError, parseCron } from '../../machinery/cron.ts';
import { fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { formatLabelSelector } from '../../machinery/labels.ts';
import { dns1123Label, maxLengthError } from '../../machinery/names.ts';
import { timeZone } from '../../machinery/time-zone.ts';
import { age, integer, name, since, text, workloadColumns } from '../columns.ts';
import { hostnameWarnings, podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import { change, fill } from '../fill.ts';
import type { CronJob, CronJobSpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { nonNegative, oneOf } from '../metadata/rules.ts';
import { defaultJobTemplate } from './job.ts';
import { validateJobSpec } from './job-validation.ts';

/** Jobs are named after the CronJob and the minute: that many characters must be left for the minute. */
const maxNameLength = 63 - 11;
const spec = fieldPath('spec');

/** SetDefaults_CronJob of pkg/apis/batch/v1/defaults.go. */
function defaultSpec(own: CronJobSpec): CronJobSpec {
  const filled = fill(own, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  return change(filled, 'jobTemplate', (template) => change(template, 'spec', defaultJobTemplate));
}

function validateSchedule(schedule: string, path: FieldPath, errors: FieldError[]): void {
  if (!schedule) {
    errors.push(required(path));
    return;
  }
  try {
    parseCron(schedule);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    errors.push(invalid(path, schedule, error.message));
  }
  if (schedule.includes('TZ')) errors.push(invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
}

function validateTimeZone(zone: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (zone === undefined) return;
  if (zone === '') errors.push(invalid(path, zone, 'timeZone must be nil or non-empty string'));
  else if (zone.toLowerCase() === 'local')
    errors.push(invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'));
  else if (!timeZone(zone)) errors.push(invalid(path, zone, `unknown time zone ${zone}`));
}

/** ValidateCronJobSpec of pkg/apis/batch/validation/validation.go; a zone is looked at when it is new. */
function validateSpec(own: CronJobSpec, previous: CronJobSpec | undefined, errors: FieldError[]): void {
  validateSchedule(own.schedule, spec.child('schedule'), errors);
  nonNegative(own.startingDeadlineSeconds, spec.child('startingDeadlineSeconds'), errors);
  if (!previous || previous.timeZone !== own.timeZone) validateTimeZone(own.timeZone, spec.child('timeZone'), errors);
  oneOf(own.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], spec.child('concurrencyPolicy'), errors);
  const path = spec.child('jobTemplate', 'spec');
  const job = own.jobTemplate?.spec;
  validateJobSpec(job ?? ({} as typeof job), path, 'jobTemplate', errors);
  if (job?.selector) errors.push(invalid(path.child('selector'), job.selector, '`selector` will be auto-generated'));
  if (job?.manualSelector) errors.push(notSupported(path.child('manualSelector'), job.manualSelector, ['nil', 'false']));
  nonNegative(own.successfulJobsHistoryLimit, spec.child('successfulJobsHistoryLimit'), errors);
  nonNegative(own.failedJobsHistoryLimit, spec.child('failedJobsHistoryLimit'), errors);
}

function warnings(cronJob: CronJob, previous: CronJob | undefined): readonly string[] {
  const own = previous || !cronJob.metadata.name ? [] : hostnameWarnings(dns1123Label(cronJob.metadata.name), 'Pod names and hostnames');
  const templateOf = (one: CronJob | undefined) => one?.spec.jobTemplate?.spec?.template;
  return [...own, ...podWarnings(templateOf(cronJob), templateOf(previous), 'jobTemplate')];
}

/** The wide columns of a workload, of the Job in a CronJob. */
const jobColumns = workloadColumns<CronJob & { readonly spec: never }>().map((column) => ({
  ...column,
  cell: ({ spec: own, ...rest }: CronJob, nowMs: number) =>
    column.name === 'Selector'
      ? formatLabelSelector(own.jobTemplate?.spec?.selector)
      : column.cell({ ...rest, spec: { template: own.jobTemplate?.spec?.template } } as never, nowMs),
}));

/** The descriptor of CronJob. */
export const cronJobs = defineKind<CronJob>({
  group: 'batch',
  kind: 'CronJob',
  resource: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults: (cronJob) => change(cronJob, 'spec', defaultSpec),
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(cronJob) {
    const errors: FieldError[] = [];
    validateObjectMeta(cronJob.metadata, { isNamespaced: true }, errors);
    validateSpec(cronJob.spec, undefined, errors);
    if (cronJob.metadata.name.length > maxNameLength)
      errors.push(invalid(fieldPath('metadata', 'name'), cronJob.metadata.name, maxLengthError(maxNameLength)));
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateSpec(next.spec, previous.spec, errors);
    return errors;
  },
  warnings,
  columns: [
    name(),
    text('Schedule', 'When Jobs are made.', (cronJob) => cronJob.spec.schedule),
    text('Timezone', 'Where the schedule holds.', (cronJob) => cronJob.spec.timeZone ?? '<none>'),
    {
      ...text<CronJob>('Suspend', 'Whether no more Jobs are made.', ({ spec: { suspend } }) => {
        return suspend === undefined ? '<unset>' : suspend ? 'True' : 'False';
      }),
      type: 'boolean',
    },
    integer('Active', 'Jobs that run.', ({ status }) => status?.active?.length ?? 0),
    text('Last Schedule', 'How long ago the last Job was made.', ({ status }, nowMs) =>
      status?.lastScheduleTime ? since(status.lastScheduleTime, nowMs) : '<none>',
    ),
    age(),
    ...jobColumns,
  ],
});
