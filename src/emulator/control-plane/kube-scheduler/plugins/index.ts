/** Every plugin that a profile may name (pkg/scheduler/framework/plugins/registry.go). Adding one is a folder here and a line. */
import type { PluginFactory } from '../framework.ts';
import { defaultBinder } from './default-binder/index.ts';
import { defaultPreemption } from './default-preemption/index.ts';
import { dynamicResources } from './dynamic-resources/index.ts';
import { imageLocality } from './image-locality/index.ts';
import { interPodAffinity } from './inter-pod-affinity/index.ts';
import { nodeAffinity } from './node-affinity/index.ts';
import { nodeName } from './node-name/index.ts';
import { nodePorts } from './node-ports/index.ts';
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from './node-resources/index.ts';
import { nodeVolumeLimits } from './node-volume-limits/index.ts';
import { nodeUnschedulable } from './node-unschedulable/index.ts';
import { podTopologySpread } from './pod-topology-spread/index.ts';
import { prioritySort } from './priority-sort/index.ts';
import { schedulingGates } from './scheduling-gates/index.ts';
import { taintToleration } from './taint-toleration/index.ts';
import { volumeBinding } from './volume-binding/index.ts';
import { volumeRestrictions } from './volume-restrictions/index.ts';
import { volumeZone } from './volume-zone/index.ts';

/** In no order of importance: the default profile's order and weights stand in `configuration/default-plugins.ts`. */
export const inTreePlugins: readonly PluginFactory[] = [
  defaultBinder,
  defaultPreemption,
  dynamicResources,
  imageLocality,
  interPodAffinity,
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesBalancedAllocation,
  nodeResourcesFit,
  nodeUnschedulable,
  nodeVolumeLimits,
  podTopologySpread,
  prioritySort,
  schedulingGates,
  taintToleration,
  volumeBinding,
  volumeRestrictions,
  volumeZone,
];
