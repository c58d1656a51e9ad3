import type { Plugin } from '../../framework.ts';

/** Higher priority first, then who waits longer. */
export const prioritySort: Plugin = {
  name: 'PrioritySort',
  less: (a, b) => (a.priority === b.priority ? a.queuedMs < b.queuedMs : a.priority > b.priority),
};
