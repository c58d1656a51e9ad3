/**
 * Struct fields that upstream's Go types hold by value, so that the zero object has them: a client that leaves one out has sent an
 * empty one, and setting something in it does not add the field itself. Facts that no package carries. Upstream: `k8s.io/api`.
 */
const heldByValue = new Set([
  'Binding.target',
  'ClusterRoleBinding.roleRef',
  'CronJobSpec.jobTemplate',
  'CustomResourceDefinitionSpec.names',
  'DaemonSetSpec.template',
  'DaemonSetSpec.updateStrategy',
  'DeploymentSpec.strategy',
  'DeploymentSpec.template',
  'Event.involvedObject',
  'Event.source',
  'HorizontalPodAutoscalerSpec.scaleTargetRef',
  'IngressStatus.loadBalancer',
  'JobSpec.template',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'PersistentVolumeClaimSpec.resources',
  'PodTemplate.template',
  'PreferredSchedulingTerm.preference',
  'ReplicaSetSpec.template',
  'MutatingWebhook.clientConfig',
  'RoleBinding.roleRef',
  'ServiceStatus.loadBalancer',
  'StatefulSetSpec.template',
  'StatefulSetSpec.updateStrategy',
  'ValidatingWebhook.clientConfig',
  'WeightedPodAffinityTerm.podAffinityTerm',
]);

/** Whether the zero value of a model has a field, which is a struct, empty. Metadata, spec and status of an object are always so. */
export function isHeldByValue(model: string, field: string): boolean {
  const isPart = (field === 'metadata' || field === 'spec' || field === 'status') && !model.endsWith('Source');
  return isPart || heldByValue.has(`${model}.${field}`);
}
