/** VolumeZone: a volume that is labelled with a zone or region is used there (pkg/scheduler/framework/plugins/volumezone). */
import type { PersistentVolume } from '../../../../api/generated/types.ts';
import type { Labels } from '../../../../machinery/objects.ts';
import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import { claimsOf } from '../../storage-view.ts';

const name = 'VolumeZone';
const conflict = rejection(name, 'node(s) had no available volume zone', { isUnresolvable: true });

/** Labels of volumes, and how nodes are labelled today. */
const topologyLabels: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** Label and zones, `a__b` meaning either. */
function zonesOf({ metadata }: PersistentVolume): (readonly [string, readonly string[]])[] {
  return Object.entries(metadata.labels ?? {}).flatMap(([label, value]) =>
    topologyLabels[label] ? [[label, value.split('__')] as const] : [],
  );
}

const isIn = (labels: Labels, [label, zones]: readonly [string, readonly string[]]): boolean =>
  zones.includes(labels[label] ?? labels[topologyLabels[label]!] ?? '');

export const volumeZone: Plugin = {
  name,
  preFilter({ pod, cache }) {
    const { storage } = cache;
    if (!storage || claimsOf(pod).length === 0) return undefined;
    const wanted = storage.boundVolumes(pod).flatMap(zonesOf);
    if (wanted.length === 0) return undefined;
    return {
      filter(index) {
        const labels = cache.nodes[index]!.node.metadata.labels ?? {};
        return wanted.every((zone) => isIn(labels, zone)) ? undefined : conflict;
      },
    };
  },
  requeueOn: ['NodeAdded', 'NodeLabelsChanged', 'ClaimChanged', 'VolumeChanged'],
};
