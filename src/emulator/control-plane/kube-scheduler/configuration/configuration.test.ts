/** What a KubeSchedulerConfiguration means, and what a bad one is told. */
import { describe, expect, test } from 'vitest';
import { inTreePlugins } from '../plugins/index.ts';
import type { Profile } from '../profile.ts';
import { makeProfiles } from '../profile.ts';
import { parseConfiguration } from './load.ts';
import type { SchedulerConfiguration } from './types.ts';

const header = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const parse = (body: string): SchedulerConfiguration => parseConfiguration(header + body);

function profilesOf(body: string): readonly Profile[] {
  const tools = {
    kernel: undefined as never,
    informers: undefined as never,
    waiting: undefined as never,
    happened: () => {},
    readFile: () => undefined,
  };
  return makeProfiles(parse(body), inTreePlugins, tools);
}

const messageOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

const profile = (text: string): string => `profiles:\n- ${text.replaceAll('\n', '\n  ')}`;
const args = (plugin: string, text: string): string =>
  profile(`pluginConfig:\n- name: ${plugin}\n  args:\n    ${text.replaceAll('\n', '\n    ')}`);
const at = 'profiles[0].pluginConfig[0].args';

describe('a file that does not decode', () => {
  test.each<{ name: string; text: string; want: string }>([
    {
      name: 'no kind',
      text: 'apiVersion: kubescheduler.config.k8s.io/v1',
      want: `Object 'Kind' is missing in '{"apiVersion":"kubescheduler.config.k8s.io/v1"}'`,
    },
    { name: 'nothing', text: '', want: `Object 'Kind' is missing in 'null'` },
    {
      name: 'a version that is gone',
      text: 'apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration',
      want: 'no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3" in scheme "k8s.io/kubernetes/pkg/scheduler/apis/config/scheme/scheme.go:30"',
    },
    { name: 'an unknown field', text: `${header}profile: []`, want: 'strict decoding error: unknown field "profile"' },
    {
      name: 'an unknown field of a profile',
      text: `${header}profiles:\n- scheduler: x\n`,
      want: 'strict decoding error: unknown field "profiles[0].scheduler"',
    },
    {
      name: 'a text where a number belongs',
      text: `${header}parallelism: many`,
      want: 'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
    },
    {
      name: 'an unknown argument',
      text: header + args('NodeResourcesFit', 'strategy: MostAllocated'),
      want: 'strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "strategy"',
    },
    {
      name: 'arguments of another plugin',
      text: header + args('NodeResourcesFit', 'kind: NodeAffinityArgs'),
      want: 'decoding .profiles[0].pluginConfig[0]: args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs.kubescheduler.config.k8s.io',
    },
  ])('$name', ({ text, want }) => {
    expect(messageOf(() => parseConfiguration(text))).toBe(want);
  });
});

describe('a file that is not valid', () => {
  test.each<{ name: string; body: string; want: string }>([
    { name: 'no workers', body: 'parallelism: 0', want: 'parallelism: Invalid value: 0: should be an integer value greater than zero' },
    {
      name: 'a share above 100',
      body: 'percentageOfNodesToScore: 101',
      want: 'percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]',
    },
    {
      name: 'backoffs the wrong way round',
      body: 'podInitialBackoffSeconds: 20',
      want: 'podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds',
    },
    {
      name: 'two mistakes at once',
      body: 'parallelism: -1\npodInitialBackoffSeconds: 0',
      want: '[parallelism: Invalid value: -1: should be an integer value greater than zero, podInitialBackoffSeconds: Invalid value: 0: must be greater than 0]',
    },
    {
      name: 'several profiles, one without a name',
      body: 'profiles:\n- schedulerName: a\n- {}',
      want: 'profiles[1].schedulerName: Required value',
    },
    {
      name: 'two profiles of one name',
      body: 'profiles:\n- schedulerName: a\n- schedulerName: a',
      want: 'profiles[1].schedulerName: Duplicate value: {}',
    },
    {
      name: 'different orders of the queue',
      body: 'profiles:\n- schedulerName: a\n- schedulerName: b\n  plugins:\n    queueSort:\n      enabled:\n      - name: Mine',
      want: 'profiles[1].plugins.queueSort: Invalid value: {"Enabled":[{"name":"Mine"}],"Disabled":[]}: must be the same for all profiles',
    },
    {
      name: 'a plugin that was removed',
      body: profile('plugins:\n  filter:\n    enabled:\n    - name: EBSLimits'),
      want: 'profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
    },
    {
      name: 'a weight out of range',
      body: args('InterPodAffinity', 'hardPodAffinityWeight: 101'),
      want: `${at}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]`,
    },
    {
      name: 'no candidates at all',
      body: args('DefaultPreemption', 'minCandidateNodesPercentage: 0\nminCandidateNodesAbsolute: 0'),
      want: `[${at}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute, ${at}.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage]`,
    },
    {
      name: 'default constraints without the type List',
      body: args('PodTopologySpread', 'defaultConstraints:\n- maxSkew: 1\n  topologyKey: zone\n  whenUnsatisfiable: ScheduleAnyway'),
      want: `${at}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`,
    },
    {
      name: 'default constraints with a selector, twice',
      body: args(
        'PodTopologySpread',
        'defaultingType: List\ndefaultConstraints:\n- maxSkew: 1\n  topologyKey: zone\n  whenUnsatisfiable: DoNotSchedule\n  labelSelector: {}\n- maxSkew: 0\n  topologyKey: zone\n  whenUnsatisfiable: DoNotSchedule',
      ),
      want: `[${at}.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod, ${at}.defaultConstraints[1].maxSkew: Invalid value: 0: not in valid range (0, inf), ${at}.defaultConstraints[1]: Duplicate value: "{zone, DoNotSchedule}"]`,
    },
    {
      name: 'a weight of balance',
      body: args('NodeResourcesBalancedAllocation', 'resources:\n- name: cpu\n  weight: 2'),
      want: `${at}.resources[0].weight: Invalid value: 2: must be 1`,
    },
    {
      name: 'a negative timeout',
      body: args('VolumeBinding', 'bindTimeoutSeconds: -1'),
      want: `${at}.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value`,
    },
    {
      name: 'an added affinity that means nothing',
      body: args(
        'NodeAffinity',
        'addedAffinity:\n  requiredDuringSchedulingIgnoredDuringExecution:\n    nodeSelectorTerms:\n    - matchExpressions:\n      - key: disk\n        operator: Near',
      ),
      want: `${at}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator`,
    },
    {
      name: 'arguments twice',
      body: profile('pluginConfig:\n- name: InterPodAffinity\n- name: InterPodAffinity'),
      want: 'profiles[0].pluginConfig[1]: Duplicate value: "InterPodAffinity"',
    },
    {
      name: 'two extenders that bind, one without a weight',
      body: 'extenders:\n- urlPrefix: http://a\n  bindVerb: bind\n  prioritizeVerb: score\n- urlPrefix: http://b\n  bindVerb: bind',
      want: '[extenders[0].weight: Invalid value: 0: must have a positive weight applied to it, extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind]',
    },
    {
      name: 'a lease that ends before it is renewed',
      body: 'leaderElection:\n  leaseDuration: 5s',
      want: 'leaderElection.leaseDuration: Invalid value: "10s": LeaseDuration must be greater than RenewDeadline',
    },
  ])('$name', ({ body, want }) => {
    expect(messageOf(() => parse(body))).toBe(want);
  });
});

describe('profiles that cannot be made', () => {
  const creating = 'initializing profiles: creating profile for scheduler name default-scheduler:';
  test.each<{ name: string; body: string; want: string }>([
    {
      name: 'a plugin that nobody knows',
      body: profile('plugins:\n  multiPoint:\n    enabled:\n    - name: Mine'),
      want: `${creating} PreFilterPlugin "Mine" does not exist`,
    },
    {
      name: 'a plugin at a point that it does not have',
      body: profile('plugins:\n  score:\n    enabled:\n    - name: NodePorts'),
      want: `${creating} plugin "NodePorts" does not extend ScorePlugin plugin`,
    },
    {
      name: 'a plugin twice',
      body: profile('plugins:\n  score:\n    enabled:\n    - name: ImageLocality\n    - name: ImageLocality'),
      want: `${creating} plugin "ImageLocality" already registered as "ScorePlugin"`,
    },
    {
      name: 'nobody binds',
      body: profile('plugins:\n  bind:\n    disabled:\n    - name: DefaultBinder'),
      want: `${creating} at least one bind plugin is needed for profile with scheduler name "default-scheduler"`,
    },
    {
      name: 'no order of the queue',
      body: profile('plugins:\n  queueSort:\n    disabled:\n    - name: "*"'),
      want: `${creating} only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0`,
    },
    {
      name: 'a strategy without its shape',
      body: args('NodeResourcesFit', 'scoringStrategy:\n  type: RequestedToCapacityRatio'),
      want: `${creating} initializing plugin "NodeResourcesFit": scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio`,
    },
    {
      name: 'a strategy that nobody knows',
      body: args('NodeResourcesFit', 'scoringStrategy:\n  type: Tetris'),
      want: `${creating} initializing plugin "NodeResourcesFit": scoringStrategy.type: Unsupported value: "Tetris": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`,
    },
    {
      name: 'a shape that goes back and forth',
      body: args(
        'NodeResourcesFit',
        'scoringStrategy:\n  type: RequestedToCapacityRatio\n  requestedToCapacityRatio:\n    shape:\n    - utilization: 50\n      score: 11\n    - utilization: 0\n      score: 0',
      ),
      want: `${creating} initializing plugin "NodeResourcesFit": [scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 0: values must be sorted in increasing order, scoringStrategy.requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid range [0, 10]]`,
    },
  ])('$name', ({ body, want }) => {
    expect(messageOf(() => profilesOf(body))).toBe(want);
  });
});

describe('plugins of a profile', () => {
  const weights = ({ scorers }: Profile): string => scorers.map(({ plugin, weight }) => `${plugin.name}=${weight}`).join(' ');
  const defaults =
    'TaintToleration=3 NodeAffinity=2 NodeResourcesFit=1 PodTopologySpread=2 InterPodAffinity=2 NodeResourcesBalancedAllocation=1 ImageLocality=1';
  test.each<{ name: string; body: string; want: string }>([
    { name: 'as upstream has them', body: '', want: defaults },
    {
      name: 'one less at one point',
      body: profile('plugins:\n  score:\n    disabled:\n    - name: ImageLocality'),
      want: defaults.replace(' ImageLocality=1', ''),
    },
    {
      name: 'one less at all points',
      body: profile('plugins:\n  multiPoint:\n    disabled:\n    - name: InterPodAffinity'),
      want: defaults.replace(' InterPodAffinity=2', ''),
    },
    {
      name: 'only one scores',
      body: profile('plugins:\n  score:\n    disabled:\n    - name: "*"\n    enabled:\n    - name: NodeResourcesFit\n      weight: 5'),
      want: 'NodeResourcesFit=5',
    },
    {
      name: 'another weight at the point itself moves a plugin to the front',
      body: profile('plugins:\n  score:\n    enabled:\n    - name: ImageLocality\n      weight: 10'),
      want: `ImageLocality=10 ${defaults.replace(' ImageLocality=1', '')}`,
    },
    {
      name: 'another weight by multiPoint keeps its place',
      body: profile('plugins:\n  multiPoint:\n    enabled:\n    - name: NodeAffinity\n      weight: 7'),
      want: defaults.replace('NodeAffinity=2', 'NodeAffinity=7'),
    },
  ])('$name', ({ body, want }) => {
    expect(weights(profilesOf(body)[0]!)).toBe(want);
  });

  test('a filter that is disabled is not asked', () => {
    const [one] = profilesOf(profile('plugins:\n  filter:\n    disabled:\n    - name: NodeUnschedulable'));
    expect(one!.filters.map(({ name }) => name)).not.toContain('NodeUnschedulable');
    expect(one!.filters.map(({ name }) => name)).toContain('NodeName');
  });

  test('the share of nodes is the profile’s own, else the global one', () => {
    const text = 'percentageOfNodesToScore: 30\nprofiles:\n- schedulerName: a\n- schedulerName: b\n  percentageOfNodesToScore: 70';
    expect(profilesOf(text).map(({ percentageOfNodesToScore }) => percentageOfNodesToScore)).toEqual([30, 70]);
  });

  test('what has no effect is named', () => {
    const { withoutEffect, podMaxBackoffMs } = parse('parallelism: 4\npodMaxBackoffSeconds: 60\nclientConnection:\n  qps: 9');
    expect(withoutEffect).toEqual(['parallelism', 'clientConnection.qps']);
    expect(podMaxBackoffMs).toBe(60_000);
  });
});
