/** Volumes in a description. Upstream: describeVolumes and what it calls. */
import type { Json } from '../json.ts';
import type { Page } from './page.ts';
import type { Line } from './sources.ts';
import { sourceLines } from './sources.ts';
import { writeClaimFields } from './storage.ts';

export function describeVolumes(page: Page, volumes: readonly Json[] | undefined, space: string): void {
  if (!volumes || volumes.length === 0) {
    page.line(0, `${space}Volumes:\t<none>`);
    return;
  }
  page.line(0, `${space}Volumes:`);
  for (const volume of volumes) {
    page.line(1, `${space === '' ? '' : ' '}${volume.name}:`);
    const lines = volumeLines(volume);
    if (lines === undefined) page.line(1, '<unknown>');
    else for (const [name, value] of lines) page.field(2, name, value);
    if (volume.downwardAPI) downwardItems(page, volume.downwardAPI);
    if (volume.ephemeral?.volumeClaimTemplate) writeClaimFields(page, volume.ephemeral.volumeClaimTemplate, 2, false);
  }
}

function volumeLines(volume: Json): readonly Line[] | undefined {
  const { emptyDir, secret, configMap, projected, downwardAPI, persistentVolumeClaim, ephemeral } = volume;
  const lines = sourceLines(volume);
  if (lines) return lines;
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', emptyDir.medium ?? ''],
      ['SizeLimit', emptyDir.sizeLimit ?? '<unset>'],
    ];
  }
  if (secret)
    return [
      ['Type', 'Secret (a volume populated by a Secret)'],
      ['SecretName', secret.secretName],
      ['Optional', secret.optional ?? false],
    ];
  if (configMap)
    return [
      ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
      ['Name', configMap.name],
      ['Optional', configMap.optional ?? false],
    ];
  if (persistentVolumeClaim) {
    return [
      ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
      ['ClaimName', persistentVolumeClaim.claimName],
      ['ReadOnly', persistentVolumeClaim.readOnly ?? false],
    ];
  }
  if (ephemeral) return [['Type', 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)']];
  if (projected)
    return [
      ['Type', 'Projected (a volume that contains injected data from multiple sources)'],
      ...(projected.sources ?? []).flatMap(projectedLines),
    ];
  if (downwardAPI) return [['Type', 'DownwardAPI (a volume populated by information about the pod)']];
  return undefined;
}

function projectedLines(source: Json): readonly Line[] {
  if (source.secret)
    return [
      ['SecretName', source.secret.name],
      ['Optional', source.secret.optional ?? false],
    ];
  if (source.downwardAPI) return [['DownwardAPI', true]];
  if (source.configMap)
    return [
      ['ConfigMapName', source.configMap.name],
      ['Optional', source.configMap.optional ?? false],
    ];
  if (source.serviceAccountToken) return [['TokenExpirationSeconds', source.serviceAccountToken.expirationSeconds]];
  return [];
}

function downwardItems(page: Page, downward: Json): void {
  page.line(2, 'Items:');
  for (const item of downward.items ?? []) {
    if (item.fieldRef) page.line(3, `${item.fieldRef.fieldPath} -> ${item.path}`);
    if (item.resourceFieldRef) page.line(3, `${item.resourceFieldRef.resource} -> ${item.path}`);
  }
}
