/** Where storage lies, as descriptions of Pods and of PersistentVolumes have it. */
import type { Json } from '../json.ts';

export type Line = readonly [name: string, value: unknown];

/** Of storage that a Pod or a PersistentVolume names. Undefined for what is not described. */
export function sourceLines({ hostPath, nfs, local, csi }: Json): readonly Line[] | undefined {
  if (hostPath)
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? '<none>'],
    ];
  if (nfs)
    return [
      ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
      ['Server', nfs.server],
      ['Path', nfs.path],
      ['ReadOnly', nfs.readOnly ?? false],
    ];
  if (local)
    return [
      ['Type', 'LocalVolume (a persistent volume backed by local storage on a node)'],
      ['Path', local.path],
    ];
  if (!csi) return undefined;
  const attributes = Object.entries(csi.volumeAttributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    ${key}=${value}`);
  return [
    ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
    ['Driver', csi.driver],
    ['FSType', csi.fsType],
    ...(csi.volumeHandle === undefined ? [] : [['VolumeHandle', csi.volumeHandle] as const]),
    ['ReadOnly', csi.readOnly ?? false],
    ['VolumeAttributes', attributes.length === 0 ? '<none>' : attributes.join('\n        \t')],
  ];
}
