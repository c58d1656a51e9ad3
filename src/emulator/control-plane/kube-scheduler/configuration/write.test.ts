/** What --write-config-to writes, and that it means the same when it is read again. */
import { expect, test } from 'vitest';
import { toYaml } from '../../../machinery/yaml.ts';
import { defaultConfiguration, parseConfiguration } from './load.ts';
import { configurationToWrite } from './write.ts';

const written = (text?: string): string =>
  toYaml(configurationToWrite(text === undefined ? defaultConfiguration() : parseConfiguration(text), '/etc/kubernetes/scheduler.conf'));

test('a scheduler without a file writes all defaults', () => {
  const text = written();
  expect(text).toMatchInlineSnapshot(`
    "apiVersion: kubescheduler.config.k8s.io/v1
    clientConnection:
      acceptContentTypes: ""
      burst: 100
      contentType: application/vnd.kubernetes.protobuf
      kubeconfig: /etc/kubernetes/scheduler.conf
      qps: 50
    delayCacheUntilActive: false
    enableContentionProfiling: true
    enableProfiling: true
    kind: KubeSchedulerConfiguration
    leaderElection:
      leaderElect: true
      leaseDuration: 15s
      renewDeadline: 10s
      resourceLock: leases
      resourceName: kube-scheduler
      resourceNamespace: kube-system
      retryPeriod: 2s
    parallelism: 16
    percentageOfNodesToScore: 0
    podInitialBackoffSeconds: 1
    podMaxBackoffSeconds: 10
    profiles:
    - pluginConfig:
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          kind: DefaultPreemptionArgs
          minCandidateNodesAbsolute: 100
          minCandidateNodesPercentage: 10
        name: DefaultPreemption
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          filterTimeout: 10s
          kind: DynamicResourcesArgs
        name: DynamicResources
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          hardPodAffinityWeight: 1
          ignorePreferredTermsOfExistingPods: false
          kind: InterPodAffinityArgs
        name: InterPodAffinity
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          kind: NodeAffinityArgs
        name: NodeAffinity
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          kind: NodeResourcesBalancedAllocationArgs
          resources:
          - name: cpu
            weight: 1
          - name: memory
            weight: 1
        name: NodeResourcesBalancedAllocation
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          kind: NodeResourcesFitArgs
          scoringStrategy:
            resources:
            - name: cpu
              weight: 1
            - name: memory
              weight: 1
            type: LeastAllocated
        name: NodeResourcesFit
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          defaultingType: System
          kind: PodTopologySpreadArgs
        name: PodTopologySpread
      - args:
          apiVersion: kubescheduler.config.k8s.io/v1
          bindTimeoutSeconds: 600
          kind: VolumeBindingArgs
        name: VolumeBinding
      plugins:
        bind: {}
        filter: {}
        multiPoint:
          enabled:
          - name: SchedulingGates
            weight: 0
          - name: PrioritySort
            weight: 0
          - name: NodeUnschedulable
            weight: 0
          - name: NodeName
            weight: 0
          - name: TaintToleration
            weight: 3
          - name: NodeAffinity
            weight: 2
          - name: NodePorts
            weight: 0
          - name: NodeResourcesFit
            weight: 1
          - name: VolumeRestrictions
            weight: 0
          - name: NodeVolumeLimits
            weight: 0
          - name: VolumeBinding
            weight: 0
          - name: VolumeZone
            weight: 0
          - name: PodTopologySpread
            weight: 2
          - name: InterPodAffinity
            weight: 2
          - name: DynamicResources
            weight: 0
          - name: DefaultPreemption
            weight: 0
          - name: NodeResourcesBalancedAllocation
            weight: 1
          - name: ImageLocality
            weight: 1
          - name: DefaultBinder
            weight: 0
        permit: {}
        postBind: {}
        postFilter: {}
        preBind: {}
        preEnqueue: {}
        preFilter: {}
        preScore: {}
        queueSort: {}
        reserve: {}
        score: {}
      schedulerName: default-scheduler
    "
  `);
});

test.each([
  ['the defaults', undefined],
  [
    'a file with profiles, plugins, arguments and an extender',
    `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaseDuration: 30s, leaderElect: false}
podMaxBackoffSeconds: 60
extenders: [{urlPrefix: "http://10.0.0.1", prioritizeVerb: score, weight: 2, httpTimeout: 3s}]
profiles:
- schedulerName: a
  percentageOfNodesToScore: 30
  pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}, ignoredResources: [example.com/x]}}]
- schedulerName: b
  plugins: {score: {disabled: [{name: ImageLocality}], enabled: [{name: NodeAffinity, weight: 9}]}}
`,
  ],
])('%s, written and read again, mean the same', (_, text) => {
  const once = written(text);
  expect(written(once)).toBe(once);
});
