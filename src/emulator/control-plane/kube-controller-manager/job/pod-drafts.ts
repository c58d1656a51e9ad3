/** The Pods that a Job asks for (pkg/controller/job/job_controller.go, manageJob). */
import { jobs } from '../../../api/batch/job.ts';
import type { Container, Job, Pod, PodSpec, PodTemplateSpec } from '../../../api/generated/types.ts';
import type { Draft } from '../../../machinery/objects.ts';
import { newControllerRef } from '../controller-ref.ts';
import { podFromTemplate } from '../pod-control.ts';
import { trackingFinalizer } from './finished.ts';
import { failureAnnotations, indexKey } from './indexes.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';
/** names.MaxGeneratedNameLength: five random characters follow. */
const maxPrefixLength = 58;

const templates = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

/** The template with the finalizer; one object a template, which its Pods share. */
function trackedTemplate(template: PodTemplateSpec): PodTemplateSpec {
  let tracked = templates.get(template);
  if (!tracked) {
    const finalizers = [...(template.metadata?.finalizers ?? []), trackingFinalizer];
    templates.set(template, (tracked = { ...template, metadata: { ...template.metadata, finalizers } }));
  }
  return tracked;
}

const indexedSpecs = new WeakMap<PodSpec, PodSpec>();

/** The spec whose containers are told the index. */
function withIndexVariable(spec: PodSpec): PodSpec {
  let told = indexedSpecs.get(spec);
  if (!told) {
    const variable = { name: indexVariable, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` } } };
    const tell = (container: Container): Container =>
      container.env?.some(({ name }) => name === indexVariable) ? container : { ...container, env: [...(container.env ?? []), variable] };
    const { initContainers } = spec;
    told = { ...spec, containers: spec.containers.map(tell), ...(initContainers && { initContainers: initContainers.map(tell) }) };
    indexedSpecs.set(spec, told);
  }
  return told;
}

/** A Pod of a Job; of an Indexed Job the one for an index, in the place of one that failed. */
export function draftPod(job: Job, index: number | undefined, replaced: Pod | undefined): Draft<Pod> {
  const draft = podFromTemplate(job, trackedTemplate(job.spec.template), [newControllerRef(job, jobs)]);
  if (index === undefined) return draft;
  const suffix = `-${index}-`;
  const { name } = job.metadata;
  const { labels, annotations } = draft.metadata;
  return {
    ...draft,
    metadata: {
      ...draft.metadata,
      generateName: name.slice(0, maxPrefixLength - suffix.length) + suffix,
      labels: { ...labels, [indexKey]: String(index) },
      annotations: { ...annotations, [indexKey]: String(index), ...failureAnnotations(job, replaced) },
    },
    spec: { ...withIndexVariable(draft.spec), hostname: `${name}-${index}` },
  };
}
