/**
 * Priority: turns a Pod's priorityClassName into its priority, and lets at most one class be the default.
 * Upstream: plugin/pkg/admission/priority/admission.go.
 */
import type { Pod, PodSpec, PriorityClass } from '../../../../api/generated/types.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { PerSpec } from '../per-spec.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';

const specs = new PerSpec();

interface Resolved {
  readonly className: string | undefined;
  readonly priority: number;
  readonly preemptionPolicy: string;
}

function classes(server: ApiServer): readonly PriorityClass[] {
  return server
    .store('priorityclasses', 'scheduling.k8s.io/v1')
    .list('')
    .map(({ value }) => value as PriorityClass);
}

/** The class of a Pod; of several defaults, as can come about by a race, the lowest counts. */
function resolve(server: ApiServer, { request, object }: AdmissionAttributes): Resolved {
  const { priorityClassName: name } = (object as Pod).spec!;
  if (name) {
    const found = server.store('priorityclasses', 'scheduling.k8s.io/v1').get('', name) as PriorityClass | undefined;
    if (!found) throw forbidden(request.resource, object.metadata.name, `no PriorityClass with name ${name} was found`);
    return { className: name, priority: found.value, preemptionPolicy: found.preemptionPolicy ?? 'PreemptLowerPriority' };
  }
  const defaults = classes(server).filter(({ globalDefault }) => globalDefault);
  const lowest = defaults.reduce<PriorityClass | undefined>((least, one) => (least && least.value <= one.value ? least : one), undefined);
  return {
    className: lowest?.metadata.name,
    priority: lowest?.value ?? 0,
    preemptionPolicy: lowest?.preemptionPolicy ?? 'PreemptLowerPriority',
  };
}

function admitPod(server: ApiServer, attributes: AdmissionAttributes): Pod {
  const { request, object } = attributes;
  const { className, priority, preemptionPolicy } = resolve(server, attributes);
  const { spec } = object as Pod;
  const refuse = (what: string, given: unknown, computed: unknown) =>
    forbidden(
      request.resource,
      object.metadata.name,
      `the ${what} (${given}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    );
  if (spec!.priority !== undefined && spec!.priority !== priority) throw refuse('integer value of priority', spec!.priority, priority);
  if (spec!.preemptionPolicy !== undefined && spec!.preemptionPolicy !== preemptionPolicy) {
    throw refuse('string value of PreemptionPolicy', spec!.preemptionPolicy, preemptionPolicy);
  }
  const fill = (old: PodSpec): PodSpec => ({
    ...old,
    ...(className === undefined ? {} : { priorityClassName: className }),
    priority,
    preemptionPolicy,
  });
  return specs.apply(object, `${className} ${priority} ${preemptionPolicy}`, fill);
}

function validateClass(server: ApiServer, { request, object }: AdmissionAttributes): void {
  const { globalDefault, metadata } = object as PriorityClass;
  if (!globalDefault) return;
  const other = classes(server).find((one) => one.globalDefault && one.metadata.name !== metadata.name);
  if (other)
    throw forbidden(
      request.resource,
      metadata.name,
      `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
    );
}

export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: ['pods', 'priorityclasses'],
  operations: ['CREATE', 'UPDATE'],
  admit: (server, attributes) =>
    attributes.request.resource.resource === 'pods' && attributes.operation === 'CREATE' ? admitPod(server, attributes) : attributes.object,
  validate: (server, attributes) =>
    attributes.request.resource.resource === 'priorityclasses' ? validateClass(server, attributes) : undefined,
};
