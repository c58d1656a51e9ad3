/** Job and CronJob. */
import { humanDuration } from '../../../emulator/machinery/duration.ts';
import { parseTime } from '../../../emulator/kernel/index.ts';
import type { Json } from '../json.ts';
import type { Page } from './page.ts';
import { controllerOf, longTime, selectorLine } from './page.ts';
import { writePodTemplate } from './pod-template.ts';

/** A list of indexes is cut after the first comma beyond this many characters. */
const indexesLimit = 50;

const orUnset = (value: unknown, unit = ''): string => (value === undefined ? '<unset>' : `${String(value)}${unit}`);

export function writeJob(page: Page, object: Json): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Selector', selectorLine(spec.selector));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  const controller = controllerOf(object);
  if (controller) page.field(0, 'Controlled By', controller);
  optional(page, 'Parallelism', spec.parallelism);
  page.field(0, 'Completions', orUnset(spec.completions));
  optional(page, 'Completion Mode', spec.completionMode);
  optional(page, 'Suspend', spec.suspend);
  optional(page, 'Backoff Limit', spec.backoffLimit);
  optional(page, 'TTL Seconds After Finished', spec.ttlSecondsAfterFinished);
  const { startTime, completionTime } = status;
  if (startTime) page.field(0, 'Start Time', longTime(startTime));
  if (completionTime) page.field(0, 'Completed At', longTime(completionTime));
  if (startTime && completionTime) page.field(0, 'Duration', humanDuration(parseTime(completionTime)! - parseTime(startTime)!));
  optional(page, 'Active Deadline Seconds', spec.activeDeadlineSeconds, 's');
  const ready = status.ready === undefined ? '' : ` (${status.ready} Ready)`;
  page.field(
    0,
    'Pods Statuses',
    `${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`,
  );
  if (spec.completionMode === 'Indexed') page.field(0, 'Completed Indexes', shortIndexes(status.completedIndexes ?? ''));
  writePodTemplate(page, spec.template);
}

function optional(page: Page, name: string, value: unknown, unit = ''): void {
  if (value !== undefined) page.field(0, name, `${String(value)}${unit}`);
}

function shortIndexes(indexes: string): string {
  if (indexes === '') return '<none>';
  const comma = indexes.indexOf(',', indexesLimit);
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`;
}

export function writeCronJob(page: Page, object: Json): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Schedule', spec.schedule);
  page.field(0, 'Concurrency Policy', spec.concurrencyPolicy);
  page.field(0, 'Suspend', spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False');
  page.field(0, 'Successful Job History Limit', orUnset(spec.successfulJobsHistoryLimit));
  page.field(0, 'Failed Job History Limit', orUnset(spec.failedJobsHistoryLimit));
  page.field(0, 'Starting Deadline Seconds', orUnset(spec.startingDeadlineSeconds, 's'));
  const job = spec.jobTemplate.spec;
  page.field(0, 'Selector', job.selector ? selectorLine(job.selector) : '<unset>');
  page.field(0, 'Parallelism', orUnset(job.parallelism));
  page.field(0, 'Completions', orUnset(job.completions));
  optional(page, 'Active Deadline Seconds', job.activeDeadlineSeconds, 's');
  writePodTemplate(page, job.template);
  page.field(0, 'Last Schedule Time', status.lastScheduleTime ? longTime(status.lastScheduleTime) : '<unset>');
  page.field(0, 'Active Jobs', (status.active ?? []).map((one: Json) => one.name).join(', ') || '<none>');
}
