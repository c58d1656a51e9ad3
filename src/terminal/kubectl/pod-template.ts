/** Where an object keeps its Pod template: a Pod itself, or the template of what makes Pods. Upstream: polymorphichelpers/updatepodspec.go. */
import type { Json } from './json.ts';
import { fieldAt, withField } from './json.ts';

/** The path to the Pod spec, undefined for kinds without one. */
export function podSpecPath(object: Json): readonly string[] | undefined {
  switch (object.kind) {
    case 'Pod':
      return ['spec'];
    case 'Deployment':
    case 'ReplicaSet':
    case 'DaemonSet':
    case 'StatefulSet':
    case 'Job':
    case 'ReplicationController':
      return ['spec', 'template', 'spec'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
    default:
      return undefined;
  }
}

export function podSpecOf(object: Json): Json {
  const path = podSpecPath(object);
  return path && fieldAt(object, ...path);
}

/** The object with its containers changed; `change` returns the same container to leave it. */
export function withContainers(object: Json, change: (container: Json, isInit: boolean) => Json): Json {
  const path = podSpecPath(object)!;
  const spec = fieldAt(object, ...path);
  const containers = (spec.containers as readonly Json[]).map((container) => change(container, false));
  const initContainers = (spec.initContainers as readonly Json[] | undefined)?.map((container) => change(container, true));
  return withField(object, path, { ...spec, containers, ...(initContainers && { initContainers }) });
}
