import type { Plugin } from '../../framework.ts';

/** Writes the Binding. */
export const defaultBinder: Plugin = {
  name: 'DefaultBinder',
  *bind({ pod }, nodeName, tools) {
    yield* tools.bind(pod, nodeName);
    return true;
  },
};
