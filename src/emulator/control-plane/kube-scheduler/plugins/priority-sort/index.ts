import type { Plugin, PluginFactory } from '../../framework.ts';

const plugin: Plugin = {
  name: 'PrioritySort',
  less: (a, b) => (a.priority === b.priority ? a.queuedMs < b.queuedMs : a.priority > b.priority),
};

/** Higher priority first, then who waits longer. */
export const prioritySort: PluginFactory = { name: 'PrioritySort', points: ['queueSort'], make: () => plugin };
