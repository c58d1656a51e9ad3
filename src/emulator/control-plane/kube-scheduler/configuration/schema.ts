/** The fields of KubeSchedulerConfiguration v1 and of the plugins' arguments, in the form in which the machinery decodes (kube-scheduler/config/v1/types.go). */
import { list, model, object, scalar, typeMeta } from '../../../machinery/configuration-model.ts';
import type { ModelSchema } from '../../../machinery/schema.ts';
import { modelSchema } from '../../../machinery/schema.ts';
import { extensionPoints } from './types.ts';

const pluginSet = model('PluginSet', {
  enabled: list(object(model('Plugin', { name: 'string', weight: 'int32' }))),
  disabled: list(object(model('Plugin', { name: 'string', weight: 'int32' }))),
});

const profile = model('KubeSchedulerProfile', {
  schedulerName: 'string',
  percentageOfNodesToScore: 'int32',
  plugins: object(model('Plugins', Object.fromEntries([...extensionPoints, 'multiPoint'].map((point) => [point, object(pluginSet)])))),
  pluginConfig: list(object(model('PluginConfig', { name: 'string', args: 'any' }))),
});

const extender = model('Extender', {
  urlPrefix: 'string',
  filterVerb: 'string',
  preemptVerb: 'string',
  prioritizeVerb: 'string',
  weight: 'int64',
  bindVerb: 'string',
  enableHTTPS: 'boolean',
  tlsConfig: object(
    model('ExtenderTLSConfig', {
      insecure: 'boolean',
      serverName: 'string',
      certFile: 'string',
      keyFile: 'string',
      caFile: 'string',
      certData: 'string',
      keyData: 'string',
      caData: 'string',
    }),
  ),
  httpTimeout: 'string',
  nodeCacheCapable: 'boolean',
  managedResources: list(object(model('ExtenderManagedResource', { name: 'string', ignoredByScheduler: 'boolean' }))),
  ignorable: 'boolean',
});

export const configurationModel = model('KubeSchedulerConfiguration', {
  ...typeMeta,
  parallelism: 'int32',
  leaderElection: object(
    model('LeaderElectionConfiguration', {
      leaderElect: 'boolean',
      leaseDuration: 'string',
      renewDeadline: 'string',
      retryPeriod: 'string',
      resourceLock: 'string',
      resourceName: 'string',
      resourceNamespace: 'string',
    }),
  ),
  clientConnection: object(
    model('ClientConnectionConfiguration', {
      kubeconfig: 'string',
      acceptContentTypes: 'string',
      contentType: 'string',
      qps: 'number',
      burst: 'int32',
    }),
  ),
  enableProfiling: 'boolean',
  enableContentionProfiling: 'boolean',
  percentageOfNodesToScore: 'int32',
  podInitialBackoffSeconds: 'int64',
  podMaxBackoffSeconds: 'int64',
  profiles: list(object(profile)),
  extenders: list(object(extender)),
  delayCacheUntilActive: 'boolean',
});

const resources = list(object(model('ResourceSpec', { name: 'string', weight: 'int64' })));
const shape = list(object(model('UtilizationShapePoint', { utilization: 'int32', score: 'int32' })));

/** Models of arguments by plugin; plugins without one take none that is decoded. */
export const argumentModels: Readonly<Record<string, ModelSchema>> = {
  DefaultPreemption: model('DefaultPreemptionArgs', {
    ...typeMeta,
    minCandidateNodesPercentage: 'int32',
    minCandidateNodesAbsolute: 'int32',
  }),
  DynamicResources: model('DynamicResourcesArgs', { ...typeMeta, filterTimeout: 'string' }),
  InterPodAffinity: model('InterPodAffinityArgs', {
    ...typeMeta,
    hardPodAffinityWeight: 'int32',
    ignorePreferredTermsOfExistingPods: 'boolean',
  }),
  NodeAffinity: model('NodeAffinityArgs', { ...typeMeta, addedAffinity: object(modelSchema('NodeAffinity')) }),
  NodeResourcesBalancedAllocation: model('NodeResourcesBalancedAllocationArgs', { ...typeMeta, resources }),
  NodeResourcesFit: model('NodeResourcesFitArgs', {
    ...typeMeta,
    ignoredResources: list(scalar('string')),
    ignoredResourceGroups: list(scalar('string')),
    scoringStrategy: object(
      model('ScoringStrategy', {
        type: 'string',
        resources,
        requestedToCapacityRatio: object(model('RequestedToCapacityRatioParam', { shape })),
      }),
    ),
  }),
  PodTopologySpread: model('PodTopologySpreadArgs', {
    ...typeMeta,
    defaultConstraints: list(object(modelSchema('TopologySpreadConstraint'))),
    defaultingType: 'string',
  }),
  VolumeBinding: model('VolumeBindingArgs', { ...typeMeta, bindTimeoutSeconds: 'int64', shape }),
};
