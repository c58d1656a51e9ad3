/**
 * LimitRanger: gives containers the default requests and limits of their namespace, and refuses Pods and claims outside
 * its bounds. Upstream: plugin/pkg/admission/limitranger/admission.go.
 */
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from '../../../../api/generated/types.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import { aggregateText } from '../../../../machinery/field-error.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { PerSpec } from '../per-spec.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { claimViolations, podViolations } from './bounds.ts';

const annotation = 'kubernetes.io/limit-ranger';
type Amounts = Readonly<Record<string, string>>;

function rangesOf(server: ApiServer, namespace: string): readonly LimitRange[] {
  const store = server.store('limitranges');
  return store.keyspace.size === 0 ? [] : store.list(namespace).map(({ value }) => value as LimitRange);
}

/** What one container was given, in the words of the annotation. */
interface Filled {
  readonly container: Container;
  readonly notes: readonly string[];
}

/** The names that are new; the same map when none is. */
function fillIn(own: Amounts | undefined, defaults: Amounts): { readonly amounts: Amounts | undefined; readonly set: readonly string[] } {
  const set = Object.keys(defaults).filter((name) => own?.[name] === undefined);
  if (set.length === 0) return { amounts: own, set };
  return { amounts: { ...own, ...Object.fromEntries(set.map((name) => [name, defaults[name]!])) }, set: set.sort() };
}

function fillContainer(container: Container, word: string, item: { readonly requests: Amounts; readonly limits: Amounts }): Filled {
  const requests = fillIn(container.resources?.requests, item.requests);
  const limits = fillIn(container.resources?.limits, item.limits);
  const notes = [
    ...(requests.set.length > 0 ? [`${requests.set.join(', ')} request for ${word} ${container.name}`] : []),
    ...(limits.set.length > 0 ? [`${limits.set.join(', ')} limit for ${word} ${container.name}`] : []),
  ];
  if (notes.length === 0) return { container, notes };
  return { container: { ...container, resources: { ...container.resources, requests: requests.amounts, limits: limits.amounts } }, notes };
}

function defaultsOf(range: LimitRange): { readonly requests: Amounts; readonly limits: Amounts } {
  const items = (range.spec?.limits ?? []).filter(({ type }) => type === 'Container');
  const merge = (of: (item: LimitRangeItem) => Amounts | undefined): Amounts => Object.assign({}, ...items.map(of)) as Amounts;
  return { requests: merge((item) => item.defaultRequest), limits: merge((item) => item.default) };
}

const specs = new PerSpec();
/** What a spec that was made here was given, so that Pods of one template need not be looked at again. */
const notesOf = new WeakMap<PodSpec, readonly string[]>();

function fillSpec(spec: PodSpec, range: LimitRange): PodSpec {
  const defaults = defaultsOf(range);
  const containers = spec.containers.map((container) => fillContainer(container, 'container', defaults));
  const inits = (spec.initContainers ?? []).map((container) => fillContainer(container, 'init container', defaults));
  const notes = [...containers, ...inits].flatMap((filled) => filled.notes);
  if (notes.length === 0) return spec;
  const filled: PodSpec = {
    ...spec,
    containers: containers.map(({ container }) => container),
    ...(spec.initContainers ? { initContainers: inits.map(({ container }) => container) } : {}),
  };
  notesOf.set(filled, notes);
  return filled;
}

function admit(server: ApiServer, { object, operation, request }: AdmissionAttributes): ApiObject {
  if (operation !== 'CREATE' || request.resource.resource !== 'pods') return object;
  let pod = object as Pod;
  for (const range of rangesOf(server, request.namespace)) {
    const before = pod.spec;
    pod = specs.apply(pod, `${range.metadata.uid} ${range.metadata.resourceVersion}`, (spec) => fillSpec(spec, range));
    const notes = pod.spec === before ? undefined : notesOf.get(pod.spec);
    if (!notes) continue;
    const annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` };
    pod = { ...pod, metadata: { ...pod.metadata, annotations } };
  }
  return pod;
}

function validate(server: ApiServer, { object, previous, request }: AdmissionAttributes): void {
  if (previous?.metadata.deletionTimestamp) return;
  for (const range of rangesOf(server, request.namespace)) {
    const items = range.spec?.limits ?? [];
    const violations =
      request.resource.resource === 'pods' ? podViolations(object as Pod, items) : claimViolations(object as PersistentVolumeClaim, items);
    if (violations.length > 0) throw forbidden(request.resource, object.metadata.name, aggregateText(violations));
  }
}

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['pods', 'pods/resize', 'persistentvolumeclaims'],
  operations: ['CREATE', 'UPDATE'],
  admit,
  // A Pod's containers change by the subresource resize only.
  validate: (server, attributes) =>
    attributes.operation === 'UPDATE' && attributes.request.resource.resource === 'pods' && attributes.request.subresource === ''
      ? undefined
      : validate(server, attributes),
};
