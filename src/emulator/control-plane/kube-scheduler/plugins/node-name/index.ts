import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const other = rejection('NodeName', "node(s) didn't match the requested node name", { isUnresolvable: true });

const plugin: Plugin = {
  name: 'NodeName',
  preFilter({ pod, cache }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return { filter: (index) => (cache.nodes[index]!.name === wanted ? undefined : other) };
  },
  wakes: { 'Node/Add': true },
};

/** Rejects all nodes but the one that the Pod names itself. A Pod that does so is not scheduled at all, so this seldom speaks. */
export const nodeName: PluginFactory = { name: 'NodeName', points: ['filter'], make: () => plugin };
