/** The plugins' arguments: types, defaults and validation (pkg/scheduler/apis/config/v1/defaults.go, validation/validation_pluginargs.go). */
import { validateAffinity } from '../../../api/core/pod-spec/scheduling-validation.ts';
import type { NodeAffinity, TopologySpreadConstraint } from '../../../api/generated/types.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { duplicate, fieldPath, forbidden, invalid, notSupported, required } from '../../../machinery/field-error.ts';
import { qualifiedName } from '../../../machinery/names.ts';

export interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

export interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export interface NodeAffinityArgs {
  readonly addedAffinity?: NodeAffinity;
}

export interface ResourceSpec {
  readonly name: string;
  readonly weight: number;
}

export interface BalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: string;
  readonly resources: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
}

export interface NodeResourcesFitArgs {
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

export interface PodTopologySpreadArgs {
  readonly defaultConstraints: readonly TopologySpreadConstraint[];
  readonly defaultingType: string;
}

export interface VolumeBindingArgs {
  readonly bindTimeoutSeconds: number;
}

const strategies = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];
const defaultResources: readonly ResourceSpec[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

type Partially<T> = { readonly [K in keyof T]?: T[K] };

const weighed = (resources: readonly Partially<ResourceSpec>[] | undefined): readonly ResourceSpec[] =>
  resources?.length ? resources.map(({ name = '', weight }) => ({ name, weight: weight || 1 })) : defaultResources;

/** Defaults by plugin, of arguments that may be missing. */
export const argumentDefaults = {
  DefaultPreemption: (args: Partially<DefaultPreemptionArgs>): DefaultPreemptionArgs => ({
    minCandidateNodesPercentage: args.minCandidateNodesPercentage ?? 10,
    minCandidateNodesAbsolute: args.minCandidateNodesAbsolute ?? 100,
  }),
  DynamicResources: ({ filterTimeout = '10s' }: { readonly filterTimeout?: string }) => ({ filterTimeout }),
  InterPodAffinity: (args: Partially<InterPodAffinityArgs>): InterPodAffinityArgs => ({
    hardPodAffinityWeight: args.hardPodAffinityWeight ?? 1,
    ignorePreferredTermsOfExistingPods: args.ignorePreferredTermsOfExistingPods ?? false,
  }),
  NodeAffinity: (args: NodeAffinityArgs): NodeAffinityArgs => args,
  NodeResourcesBalancedAllocation: (args: Partially<BalancedAllocationArgs>): BalancedAllocationArgs => ({
    resources: weighed(args.resources),
  }),
  NodeResourcesFit: ({
    ignoredResources,
    ignoredResourceGroups,
    scoringStrategy,
  }: Partially<NodeResourcesFitArgs>): NodeResourcesFitArgs => ({
    ignoredResources: ignoredResources ?? [],
    ignoredResourceGroups: ignoredResourceGroups ?? [],
    scoringStrategy: scoringStrategy
      ? { ...scoringStrategy, type: scoringStrategy.type ?? '', resources: weighed(scoringStrategy.resources) }
      : { type: 'LeastAllocated', resources: defaultResources },
  }),
  PodTopologySpread: (args: Partially<PodTopologySpreadArgs>): PodTopologySpreadArgs => ({
    defaultConstraints: args.defaultConstraints ?? [],
    defaultingType: args.defaultingType || 'System',
  }),
  VolumeBinding: (args: Partially<VolumeBindingArgs> & { readonly shape?: unknown }): VolumeBindingArgs => ({
    ...args,
    bindTimeoutSeconds: args.bindTimeoutSeconds ?? 600,
  }),
};

function validatePreemption(args: DefaultPreemptionArgs, path: FieldPath, errors: FieldError[]): void {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const [percentagePath, absolutePath] = [path.child('minCandidateNodesPercentage'), path.child('minCandidateNodesAbsolute')];
  if (percentage < 0 || percentage > 100) errors.push(invalid(percentagePath, percentage, 'not in valid range [0, 100]'));
  if (absolute < 0) errors.push(invalid(absolutePath, absolute, 'not in valid range [0, inf)'));
  if (percentage !== 0 || absolute !== 0) return;
  errors.push(invalid(percentagePath, percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute'));
  errors.push(invalid(absolutePath, absolute, 'cannot be zero at the same time as minCandidateNodesPercentage'));
}

function validateSpreadArgs({ defaultConstraints, defaultingType }: PodTopologySpreadArgs, path: FieldPath, errors: FieldError[]): void {
  const typePath = path.child('defaultingType');
  if (defaultingType !== 'System' && defaultingType !== 'List') errors.push(notSupported(typePath, defaultingType, ['System', 'List']));
  else if (defaultingType === 'System' && defaultConstraints.length > 0)
    errors.push(invalid(typePath, defaultingType, 'when .defaultConstraints are not empty'));
  const seen = new Set<string>();
  defaultConstraints.forEach(({ maxSkew = 0, topologyKey, whenUnsatisfiable, labelSelector }, i) => {
    const at = path.child('defaultConstraints').index(i);
    if (maxSkew <= 0) errors.push(invalid(at.child('maxSkew'), maxSkew, 'not in valid range (0, inf)'));
    if (!topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    else for (const complaint of qualifiedName(topologyKey)) errors.push(invalid(at.child('topologyKey'), topologyKey, complaint));
    if (!whenUnsatisfiable) errors.push(required(at.child('whenUnsatisfiable'), 'can not be empty'));
    else if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
      errors.push(notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    if (labelSelector)
      errors.push(forbidden(at.child('labelSelector'), 'constraint must not define a selector, as they deduced for each pod'));
    const pair = `{${topologyKey ?? ''}, ${whenUnsatisfiable ?? ''}}`;
    if (seen.has(pair)) errors.push(duplicate(at, pair));
    seen.add(pair);
  });
}

function validateBalanced({ resources }: BalancedAllocationArgs, path: FieldPath, errors: FieldError[]): void {
  const seen = new Set<string>();
  resources.forEach(({ name, weight }, i) => {
    const at = path.child('resources').index(i);
    if (seen.has(name)) errors.push(duplicate(at.child('name'), name));
    seen.add(name);
    if (weight !== 1) errors.push(invalid(at.child('weight'), weight, 'must be 1'));
  });
}

function validateShape(shape: readonly ShapePoint[] | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!shape?.length) {
    errors.push(required(path, 'at least one point must be specified'));
    return;
  }
  const unsorted = shape.findIndex(({ utilization = 0 }, i) => i > 0 && (shape[i - 1]!.utilization ?? 0) >= utilization);
  if (unsorted > 0)
    errors.push(
      invalid(path.index(unsorted).child('utilization'), shape[unsorted]!.utilization ?? 0, 'values must be sorted in increasing order'),
    );
  shape.forEach(({ utilization = 0, score = 0 }, i) => {
    if (utilization < 0 || utilization > 100)
      errors.push(invalid(path.index(i).child('utilization'), utilization, 'not in valid range [0, 100]'));
    if (score < 0 || score > 10) errors.push(invalid(path.index(i).child('score'), score, 'not in valid range [0, 10]'));
  });
}

/** Upstream looks at these when it makes the plugin, so that their paths begin at the arguments. */
export function validateFitArgs(args: NodeResourcesFitArgs, errors: FieldError[]): void {
  const resources = fieldPath('ignoredResources');
  args.ignoredResources.forEach((name, i) => {
    for (const complaint of qualifiedName(name)) errors.push(invalid(resources.index(i), name, complaint));
  });
  const groups = fieldPath('ignoredResourceGroups');
  args.ignoredResourceGroups.forEach((group, i) => {
    if (group.includes('/')) errors.push(invalid(groups.index(i), group, "resource group name can't contain '/'"));
    for (const complaint of qualifiedName(group)) errors.push(invalid(groups.index(i), group, complaint));
  });
  const { type, resources: weights, requestedToCapacityRatio: ratio } = args.scoringStrategy;
  const path = fieldPath('scoringStrategy');
  if (!strategies.includes(type)) errors.push(notSupported(path.child('type'), type, strategies));
  weights.forEach(({ name, weight }, i) => {
    if (weight <= 0 || weight > 100)
      errors.push(
        invalid(path.child('resources').index(i).child('weight'), weight, `resource weight of ${name} not in valid range (0, 100]`),
      );
  });
  const ratioPath = path.child('requestedToCapacityRatio');
  if (type === 'RequestedToCapacityRatio') {
    if (!ratio) errors.push(required(ratioPath, 'must be specified when type is RequestedToCapacityRatio'));
    else validateShape(ratio.shape, ratioPath.child('shape'), errors);
  } else if (ratio) errors.push(forbidden(ratioPath, 'must be nil when type is not RequestedToCapacityRatio'));
}

function validateNodeAffinity({ addedAffinity }: NodeAffinityArgs, path: FieldPath, errors: FieldError[]): void {
  if (!addedAffinity) return;
  const found: FieldError[] = [];
  validateAffinity({ nodeAffinity: addedAffinity }, path, found);
  // It is the same structure as in a Pod, but under another name.
  for (const error of found) errors.push({ ...error, field: error.field.replace(`${path}.nodeAffinity`, `${path}.addedAffinity`) });
}

function validateVolumes(args: VolumeBindingArgs & { readonly shape?: unknown }, path: FieldPath, errors: FieldError[]): void {
  const { bindTimeoutSeconds: seconds, shape } = args;
  if (seconds < 0)
    errors.push(invalid(path.child('bindTimeoutSeconds'), seconds, 'invalid BindTimeoutSeconds, should not be a negative value'));
  if (shape !== undefined)
    errors.push(
      invalid(path.child('shape'), shape, 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring'),
    );
}

function validateInterPod({ hardPodAffinityWeight: weight }: InterPodAffinityArgs, path: FieldPath, errors: FieldError[]): void {
  if (weight < 0 || weight > 100) errors.push(invalid(path.child('hardPodAffinityWeight'), weight, 'not in valid range [0, 100]'));
}

/** What is wrong with a plugin's arguments, for the plugins that upstream validates with the configuration. */
export const argumentValidation: Readonly<Record<string, (args: never, path: FieldPath, errors: FieldError[]) => void>> = {
  DefaultPreemption: validatePreemption,
  InterPodAffinity: validateInterPod,
  NodeAffinity: validateNodeAffinity,
  NodeResourcesBalancedAllocation: validateBalanced,
  PodTopologySpread: validateSpreadArgs,
  VolumeBinding: validateVolumes,
};
