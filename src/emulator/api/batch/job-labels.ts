/** The labels that tie Pods to their Job, with the prefix and as they were before there was one: pkg/apis/batch/types.go. */
import type { Labels } from '../../machinery/objects.ts';
import type { Job } from '../generated/types.ts';

export const controllerUIDLabel = 'batch.kubernetes.io/controller-uid';

/** What the API server adds to the template of a Job whose selector it makes. */
export function generatedLabels({ name, uid }: Job['metadata']): Labels {
  return { [controllerUIDLabel]: uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
}

/** A Job with the selector that is made of its UID and the labels for it (generateSelector of pkg/registry/batch/job/strategy.go). */
export function withGeneratedSelector(job: Job): Job {
  const { spec, metadata } = job;
  const labels = { ...generatedLabels(metadata), ...spec.template?.metadata?.labels };
  const own = spec.selector?.matchLabels;
  const matchLabels = { ...own, [controllerUIDLabel]: own?.[controllerUIDLabel] ?? metadata.uid };
  const template = { ...spec.template, metadata: { ...spec.template?.metadata, labels } };
  return { ...job, spec: { ...spec, selector: { ...spec.selector, matchLabels }, template } };
}
