/**
 * The subresource `resize` of a Pod: CPU and memory of containers that run. Upstream: podResizeStrategy of
 * pkg/registry/core/pod/strategy.go, ValidatePodResize of pkg/apis/core/validation/validation.go.
 */
import { equal, semanticEqual } from '../../machinery/equality.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';
import { fieldPath } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import type { Container, Pod, ResourceRequirements } from '../generated/types.ts';
import { validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { hasPodResources } from './pod-spec/pod-resources.ts';
import { qosClass } from './pod-spec/qos.ts';
import { validatePodSpec } from './pod-spec/validation.ts';
import { specDiff } from './spec-diff.ts';

const spec = fieldPath('spec');
const mutable = ['cpu', 'memory'];

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** The containers as they are, with the resources that the request names for them. */
function withResources(
  containers: readonly Container[] | undefined,
  next: readonly Container[] | undefined,
  mayChange: (container: Container) => boolean,
): readonly Container[] | undefined {
  return containers?.map((container) => {
    const wanted = mayChange(container) ? next?.find(({ name }) => name === container.name) : undefined;
    if (!wanted) return container;
    const { resources, resizePolicy } = wanted;
    const isSame = equal(resources, container.resources) && equal(resizePolicy, container.resizePolicy);
    return isSame ? container : { ...container, resources, ...(resizePolicy === undefined ? {} : { resizePolicy }) };
  });
}

/** Takes the resources of containers and sidecars from a request, and all else from what is stored. */
export function prepareForResize(next: Pod, previous: Pod): Pod {
  const containers = withResources(previous.spec.containers, next.spec.containers, () => true)!;
  const initContainers = withResources(previous.spec.initContainers, next.spec.initContainers, isSidecar);
  const metadata = { ...previous.metadata, resourceVersion: next.metadata.resourceVersion };
  return { ...previous, metadata, spec: { ...previous.spec, containers, ...(initContainers ? { initContainers } : {}) } };
}

function validateKept(
  next: ResourceRequirements | undefined,
  previous: ResourceRequirements | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const list of ['requests', 'limits'] as const) {
    const isRemoved = mutable.some((name) => previous?.[list]?.[name] !== undefined && next?.[list]?.[name] === undefined);
    if (isRemoved) errors.push(forbidden(path.child('resources', list), `resource ${list} cannot be removed`));
  }
}

/** The new containers with the CPU and memory of the old ones: what is left of a difference may not be. */
function withoutMutable(
  next: readonly Container[] | undefined,
  previous: readonly Container[] | undefined,
): readonly Container[] | undefined {
  return next?.map((container, i) => {
    const before = previous?.[i]?.resources;
    const merge = (list: 'requests' | 'limits') => {
      const rest = Object.entries(container.resources?.[list] ?? {}).filter(([name]) => !mutable.includes(name));
      const own = mutable.flatMap((name) => (before?.[list]?.[name] === undefined ? [] : [[name, before[list][name]] as const]));
      return rest.length + own.length > 0 ? { [list]: Object.fromEntries([...own, ...rest]) } : {};
    };
    const { requests: _requests, limits: _limits, ...other } = container.resources ?? {};
    return { ...container, resources: { ...other, ...merge('requests'), ...merge('limits') } };
  });
}

/** Errors of a request to resize: upstream's order and words. */
export function validatePodResize(next: Pod, previous: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  errors.push(...validatePodSpec(next.spec, 'pod'));
  if (previous.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [forbidden('', 'static pods cannot be resized')];
  if (previous.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  if (hasPodResources(next.spec)) return [forbidden('', 'pods with pod-level resources cannot be resized')];
  if (qosClass(next.spec) !== (previous.status?.qosClass ?? qosClass(previous.spec)))
    errors.push(invalid(spec, previous.status?.qosClass, 'Pod QOS Class may not change as a result of resizing'));
  const running = previous.status?.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources) errors.push(forbidden(spec, 'Pod running on node without support for resize'));
  for (const list of ['initContainers', 'containers'] as const) {
    (previous.spec[list] ?? []).forEach((container, i) => {
      if (list === 'containers' || isSidecar(container))
        validateKept(next.spec[list]?.[i]?.resources, container.resources, spec.child(list).index(i), errors);
    });
  }
  const rest = {
    ...next.spec,
    containers: withoutMutable(next.spec.containers, previous.spec.containers)!,
    ...(next.spec.initContainers ? { initContainers: withoutMutable(next.spec.initContainers, previous.spec.initContainers) } : {}),
  };
  if (!semanticEqual(rest, previous.spec))
    errors.push(forbidden(spec, `only cpu and memory resources are mutable\n${specDiff(previous.spec, rest)}`));
  return errors;
}
