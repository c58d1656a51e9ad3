/**
 * A profile: the plugins that a schedulerName stands for, by extension point, made from its configuration
 * (pkg/scheduler/framework/runtime/framework.go, NewFramework; pkg/scheduler/profile).
 */
import { quote } from '../../machinery/go-quote.ts';
import type { ExtensionPoint, PluginSet, ProfileConfiguration, SchedulerConfiguration } from './configuration/types.ts';
import { ConfigurationError, extensionPoints } from './configuration/types.ts';
import type { Plugin, PluginFactory, PluginTools, QueuedPod } from './framework.ts';
import type { QueueProfile } from './queue.ts';

export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

export interface Profile extends QueueProfile {
  readonly name: string;
  /** Of all nodes, how many must be found before the search ends; 0 leaves it to the size of the cluster. */
  readonly percentageOfNodesToScore: number;
  /** Every plugin of the profile, once. */
  readonly plugins: readonly Plugin[];
  readonly preEnqueue: readonly Plugin[];
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean;
  readonly filters: readonly Plugin[];
  readonly postFilters: readonly Plugin[];
  readonly scorers: readonly WeightedPlugin[];
  readonly reserves: readonly Plugin[];
  readonly permits: readonly Plugin[];
  readonly preBinds: readonly Plugin[];
  readonly binds: readonly Plugin[];
  readonly postBinds: readonly Plugin[];
}

type Registry = ReadonlyMap<string, PluginFactory>;
type Lists = Readonly<Record<ExtensionPoint, readonly string[]>>;

/** Makes all profiles of a configuration. Throws a ConfigurationError with upstream's words. */
export function makeProfiles(
  configuration: SchedulerConfiguration,
  factories: readonly PluginFactory[],
  tools: PluginTools,
): readonly Profile[] {
  const registry: Registry = new Map(factories.map((factory) => [factory.name, factory]));
  return configuration.profiles.map((profile) => {
    try {
      return makeProfile(profile, configuration.percentageOfNodesToScore, registry, tools);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new ConfigurationError(`initializing profiles: creating profile for scheduler name ${profile.schedulerName}: ${error.message}`);
    }
  });
}

function makeProfile(profile: ProfileConfiguration, globalPercentage: number, registry: Registry, tools: PluginTools): Profile {
  const { schedulerName: name, plugins: sets } = profile;
  const plugins = makePlugins(profile, registry, tools);
  const lists = Object.fromEntries(extensionPoints.map((point) => [point, listed(point, sets[point], registry)])) as Lists;
  const expanded = Object.fromEntries(
    extensionPoints.map((point) => [point, expand(point, lists[point], sets[point], sets.multiPoint, registry)]),
  ) as Lists;
  if (expanded.queueSort.length !== 1)
    throw new ConfigurationError(
      `only one queue sort plugin required for profile with scheduler name ${quote(name)}, but got ${expanded.queueSort.length}`,
    );
  if (expanded.bind.length === 0)
    throw new ConfigurationError(`at least one bind plugin is needed for profile with scheduler name ${quote(name)}`);
  const at = (point: ExtensionPoint): readonly Plugin[] => expanded[point].map((plugin) => plugins.get(plugin)!);
  const weights = new Map<string, number>();
  for (const entry of [...(sets.score?.enabled ?? []), ...(sets.multiPoint?.enabled ?? [])])
    if (!weights.has(entry.name)) weights.set(entry.name, entry.weight || 1);
  const sorter = at('queueSort')[0]!;
  return {
    name,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? globalPercentage,
    plugins: [...plugins.values()],
    preEnqueue: at('preEnqueue'),
    less: (a, b) => sorter.less!(a, b),
    // A plugin without a PreFilter of its own is only in the list of filters; one whose Filter is disabled is not run at all.
    filters: at('filter').filter((plugin) => plugin.preFilter),
    postFilters: at('postFilter'),
    scorers: at('score').flatMap((plugin) => (plugin.preScore ? [{ plugin, weight: weights.get(plugin.name)! }] : [])),
    reserves: at('reserve'),
    permits: at('permit'),
    preBinds: at('preBind'),
    binds: at('bind'),
    postBinds: at('postBind'),
  };
}

/** The plugins that some extension point names, in the order in which they are first named. */
function makePlugins({ plugins, pluginConfig }: ProfileConfiguration, registry: Registry, tools: PluginTools): Map<string, Plugin> {
  const sets = [plugins.multiPoint, ...extensionPoints.map((point) => plugins[point])];
  const names = new Set(sets.flatMap((set) => (set?.enabled ?? []).map(({ name }) => name)));
  const made = new Map<string, Plugin>();
  for (const name of names) {
    const factory = registry.get(name);
    if (!factory) continue;
    try {
      made.set(name, factory.make(pluginConfig.get(name) ?? {}, tools));
    } catch (error) {
      throw new ConfigurationError(`initializing plugin ${quote(name)}: ${(error as Error).message}`);
    }
  }
  return made;
}

/** `filter` is the point of the interface FilterPlugin, which upstream's messages name. */
const interfaceOf = (point: ExtensionPoint): string => `${point[0]!.toUpperCase()}${point.slice(1)}Plugin`;

/** The plugins that a point itself enables (updatePluginList). */
function listed(point: ExtensionPoint, set: PluginSet | undefined, registry: Registry): readonly string[] {
  const names: string[] = [];
  for (const { name } of set?.enabled ?? []) {
    const factory = registry.get(name);
    if (!factory) throw new ConfigurationError(`${interfaceOf(point)} ${quote(name)} does not exist`);
    if (!factory.points.includes(point)) throw new ConfigurationError(`plugin ${quote(name)} does not extend ${interfaceOf(point)} plugin`);
    if (names.includes(name)) throw new ConfigurationError(`plugin ${quote(name)} already registered as ${quote(interfaceOf(point))}`);
    names.push(name);
  }
  return names;
}

/** Adds those that multiPoint enables (expandMultiPointPlugins): first the ones that the point sets anew, then the rest of multiPoint, then the others. */
function expand(
  point: ExtensionPoint,
  own: readonly string[],
  set: PluginSet | undefined,
  multiPoint: PluginSet | undefined,
  registry: Registry,
): readonly string[] {
  const off = new Set((set?.disabled ?? []).map(({ name }) => name));
  if (off.has('*')) return own;
  const added: string[] = [];
  const overridden = new Set<string>();
  for (const { name } of multiPoint?.enabled ?? []) {
    const factory = registry.get(name);
    if (!factory) throw new ConfigurationError(`${interfaceOf(point)} ${quote(name)} does not exist`);
    if (!factory.points.includes(point) || off.has(name)) continue;
    if (own.includes(name)) {
      overridden.add(name);
      continue;
    }
    if (added.includes(name)) throw new ConfigurationError(`plugin ${quote(name)} already registered as ${quote(interfaceOf(point))}`);
    added.push(name);
  }
  return [...own.filter((name) => overridden.has(name)), ...added, ...own.filter((name) => !overridden.has(name))];
}
