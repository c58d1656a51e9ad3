/** Every plugin in the order of v1.34's default profile (pkg/scheduler/apis/config/v1/default_plugins.go). Adding one is a folder here and a line. */
import type { Plugin } from '../framework.ts';
import { defaultBinder } from './default-binder/index.ts';
import { defaultPreemption } from './default-preemption/index.ts';
import { imageLocality } from './image-locality/index.ts';
import { interPodAffinity } from './inter-pod-affinity/index.ts';
import { nodeAffinity } from './node-affinity/index.ts';
import { nodeName } from './node-name/index.ts';
import { nodePorts } from './node-ports/index.ts';
import { nodeResourcesBalancedAllocation } from './node-resources/balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources/fit.ts';
import { nodeVolumeLimits } from './node-volume-limits/index.ts';
import { nodeUnschedulable } from './node-unschedulable/index.ts';
import { podTopologySpread } from './pod-topology-spread/index.ts';
import { prioritySort } from './priority-sort/index.ts';
import { schedulingGates } from './scheduling-gates/index.ts';
import { taintToleration } from './taint-toleration/index.ts';
import { volumeBinding } from './volume-binding/index.ts';
import { volumeRestrictions } from './volume-restrictions/index.ts';
import { volumeZone } from './volume-zone/index.ts';

// Differs from Kubernetes: DynamicResources is left out while there are no resource claims.
export const defaultPlugins: readonly Plugin[] = [
  schedulingGates,
  prioritySort,
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpread,
  interPodAffinity,
  defaultPreemption,
  nodeResourcesBalancedAllocation,
  imageLocality,
  defaultBinder,
];
