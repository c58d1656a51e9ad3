/** How a Job's Pods end (pkg/controller/job/{job_controller,tracking_utils}.go). */
import type { Job, Pod } from '../../../api/generated/types.ts';

/** Keeps a Pod until the Job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** Whether Pods that are still ending are waited for before others take their place. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

/** Failed, or being deleted and so never to succeed, unless the Job waits to see. */
export function hasFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}

export function hasSucceeded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded';
}

/** Whether the Job is over: one of the two last conditions holds. */
export function finishedCondition({ status }: Job) {
  return status?.conditions?.find(({ type, status: held }) => (type === 'Complete' || type === 'Failed') && held === 'True');
}

/** When a Pod ended, as nearly as it tells. */
export function endOf({ metadata, status }: Pod): string {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return ends.reduce((a, b) => (a! > b! ? a : b))!;
  const ready = status?.conditions?.find(({ type, status: held }) => type === 'Ready' && held === 'False');
  return ready?.lastTransitionTime ?? metadata.deletionTimestamp ?? metadata.creationTimestamp;
}
