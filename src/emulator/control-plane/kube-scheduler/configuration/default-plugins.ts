/** The plugins of v1.34's default profile, and how a profile's own are merged into them (pkg/scheduler/apis/config/v1/default_plugins.go). */
import type { PluginEntry, PluginSet, Plugins } from './types.ts';
import { extensionPoints } from './types.ts';

/** In their order; without a weight the score counts once. */
export const defaultPlugins: readonly PluginEntry[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeUnschedulable' },
  { name: 'NodeName' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources' },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
];

/** The default plugins with those of a profile; `overridden` is told of each default plugin that the profile sets anew. */
export function mergePlugins(custom: Plugins | undefined, overridden: (name: string) => void): Plugins {
  const merged: Record<string, PluginSet> = { multiPoint: mergeSet(defaultPlugins, custom?.multiPoint, overridden) };
  for (const point of extensionPoints) if (custom?.[point]) merged[point] = mergeSet([], custom[point], overridden);
  return merged;
}

function mergeSet(
  defaults: readonly PluginEntry[],
  { enabled = [], disabled = [] }: PluginSet = {},
  overridden: (name: string) => void,
): PluginSet {
  const off = new Set(disabled.map(({ name }) => name));
  const replaced = new Set<PluginEntry>();
  const kept: PluginEntry[] = [];
  for (const entry of off.has('*') ? [] : defaults) {
    if (off.has(entry.name)) continue;
    // The last of several entries of a name is the one that replaces the default.
    const own = enabled.findLast(({ name }) => name === entry.name);
    if (own) {
      overridden(entry.name);
      replaced.add(own);
    }
    kept.push(own ?? entry);
  }
  return { enabled: [...kept, ...enabled.filter((entry) => !replaced.has(entry))], disabled };
}
