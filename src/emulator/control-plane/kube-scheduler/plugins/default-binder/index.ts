import type { Plugin, PluginFactory } from '../../framework.ts';

const plugin: Plugin = {
  name: 'DefaultBinder',
  *bind({ pod }, nodeName, tools) {
    yield* tools.bind(pod, nodeName);
    return true;
  },
};

/** Writes the Binding. */
export const defaultBinder: PluginFactory = { name: 'DefaultBinder', points: ['bind'], make: () => plugin };
