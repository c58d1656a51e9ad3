/**
 * RuntimeClass: a Pod gets the overhead and the places of its class. Upstream: plugin/pkg/admission/runtimeclass/admission.go.
 */
import type { Pod, PodSpec, RuntimeClass, Toleration } from '../../../../api/generated/types.ts';
import { equal, semanticEqual } from '../../../../machinery/equality.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { StatusError } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { PerSpec } from '../per-spec.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';

const specs = new PerSpec();

const refuse = ({ request, object }: AdmissionAttributes, reason: string): StatusError =>
  forbidden(request.resource, object.metadata.name, reason);

function classOf(server: ApiServer, attributes: AdmissionAttributes): RuntimeClass | undefined {
  const { runtimeClassName } = (attributes.object as Pod).spec;
  if (!runtimeClassName) return undefined;
  const found = server.store('runtimeclasses', 'node.k8s.io/v1').get('', runtimeClassName) as RuntimeClass | undefined;
  if (!found) throw refuse(attributes, `pod rejected: RuntimeClass "${runtimeClassName}" not found`);
  return found;
}

/** MergeTolerations of pkg/util/tolerations: those of the class come after those of the Pod that they do not say again. */
function merged(own: readonly Toleration[], ofClass: readonly Toleration[]): readonly Toleration[] {
  return [...own, ...ofClass.filter((toleration) => !own.some((other) => equal(other, toleration)))];
}

function admit(server: ApiServer, attributes: AdmissionAttributes): Pod {
  const pod = attributes.object as Pod;
  const found = classOf(server, attributes);
  if (!found) return pod;
  const { overhead, scheduling } = found;
  if (overhead && pod.spec.overhead && !semanticEqual(overhead.podFixed, pod.spec.overhead))
    throw refuse(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const own = pod.spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      throw refuse(attributes, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
  }
  const complete = (spec: PodSpec): PodSpec => ({
    ...spec,
    ...(overhead ? { overhead: overhead.podFixed } : {}),
    ...(scheduling?.nodeSelector ? { nodeSelector: { ...spec.nodeSelector, ...scheduling.nodeSelector } } : {}),
    ...(scheduling?.tolerations ? { tolerations: merged(spec.tolerations ?? [], scheduling.tolerations) } : {}),
  });
  return specs.apply(pod, `${found.metadata.uid} ${found.metadata.resourceVersion}`, complete);
}

export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  resources: ['pods'],
  operations: ['CREATE'],
  admit,
  validate(server, attributes) {
    const { overhead } = (attributes.object as Pod).spec;
    if (overhead && !classOf(server, attributes)?.overhead)
      throw refuse(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};
