/**
 * NodeResourcesFit and NodeResourcesBalancedAllocation (pkg/scheduler/framework/plugins/noderesources): whether a Pod's requests
 * fit into a node, and how well.
 */
export { nodeResourcesBalancedAllocation } from './balanced-allocation.ts';
export { nodeResourcesFit } from './fit.ts';
