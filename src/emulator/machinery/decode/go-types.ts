/**
 * Names of Go types, which stand in the messages of the JSON decoder: `of type []v1.Container`.
 * Unverified: enumerations beyond those listed here are told as `string`, though upstream may have a named type for them.
 */
import type { SchemaType } from '../schema.ts';

const named: Readonly<Record<string, string>> = {
  'Container.imagePullPolicy': 'v1.PullPolicy',
  'Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
  'Container.restartPolicy': 'v1.ContainerRestartPolicy',
  'ContainerPort.protocol': 'v1.Protocol',
  'DaemonSetUpdateStrategy.type': 'v1.DaemonSetUpdateStrategyType',
  'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'EmptyDirVolumeSource.medium': 'v1.StorageMedium',
  'HostPathVolumeSource.type': 'v1.HostPathType',
  'HTTPGetAction.scheme': 'v1.URIScheme',
  'CronJobSpec.concurrencyPolicy': 'v1.ConcurrencyPolicy',
  'JobSpec.completionMode': 'v1.CompletionMode',
  'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
  'NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
  'ObjectMeta.uid': 'types.UID',
  'OwnerReference.uid': 'types.UID',
  'PodSpec.dnsPolicy': 'v1.DNSPolicy',
  'PodSpec.restartPolicy': 'v1.RestartPolicy',
  'Secret.type': 'v1.SecretType',
  'ServicePort.protocol': 'v1.Protocol',
  'ServiceSpec.externalTrafficPolicy': 'v1.ServiceExternalTrafficPolicy',
  'ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
  'ServiceSpec.type': 'v1.ServiceType',
  'StatefulSetSpec.podManagementPolicy': 'v1.PodManagementPolicyType',
  'StatefulSetUpdateStrategy.type': 'v1.StatefulSetUpdateStrategyType',
  'Taint.effect': 'v1.TaintEffect',
  'Toleration.effect': 'v1.TaintEffect',
  'Toleration.operator': 'v1.TolerationOperator',
  'TopologySpreadConstraint.whenUnsatisfiable': 'v1.UnsatisfiableConstraintAction',
  'ResourceRequirements.limits': 'v1.ResourceList',
  'ResourceRequirements.requests': 'v1.ResourceList',
};

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  number: 'float64',
  boolean: 'bool',
  quantity: 'resource.Quantity',
  'int-or-string': 'intstr.IntOrString',
  time: 'v1.Time',
  'micro-time': 'v1.MicroTime',
  bytes: '[]uint8',
  any: 'interface {}',
};

/** The Go type of a field of a model; `type` is what the schema says of it. */
export function goTypeOf(model: string, field: string, type: SchemaType): string {
  return named[`${model}.${field}`] ?? goType(type);
}

export function goType(type: SchemaType): string {
  if (type.kind === 'scalar') return scalars[type.scalar]!;
  if (type.kind === 'list') return `[]${goType(type.item)}`;
  if (type.kind === 'map') return `map[string]${goType(type.value)}`;
  return qualified(type.name);
}

/** A model's name with its package: `v1.PodSpec`. */
function qualified(name: string): string {
  const own = name.replace(/^([A-Z][a-z]+)?V\d+(?=[A-Z])/, '');
  const version =
    /^(?:[A-Z][a-z]+)?(V\d+)(?=[A-Z])/.exec(name)?.[1]?.toLowerCase() ??
    (/^(HorizontalPodAutoscaler|HPA|Metric(Spec|Status|Target|Value|Identifier)|CrossVersionObjectReference|\w+MetricS)/.test(name)
      ? 'v2'
      : 'v1');
  return `${version}.${own}`;
}
