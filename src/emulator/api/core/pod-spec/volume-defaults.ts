/** Default values of volumes: SetDefaults_Volume and …VolumeSource of pkg/apis/core/v1/defaults.go. */
import { canonicalQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import { change, fill, mapSame } from '../../fill.ts';
import type { DownwardAPIVolumeFile, Volume, VolumeProjection } from '../../generated/types.ts';

/** 0644, decimal: JSON has no octal numbers. */
const defaultMode = 0o644;

function defaultDownwardItem(item: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  const named = change(item, 'fieldRef', (reference) => fill(reference, { apiVersion: 'v1' }));
  return change(named, 'resourceFieldRef', (reference) => fill(reference, { divisor: '0' }));
}

/**
 * Bundles of trust and certificates of Pods stand behind feature gates that are off in v1.34, which drops them without a
 * word: pkg/api/pod/util.go, dropDisabledClusterTrustBundleProjection and dropDisabledPodCertificateProjection.
 */
function withoutGated(projection: VolumeProjection): VolumeProjection {
  if (!projection.clusterTrustBundle && !projection.podCertificate) return projection;
  const { clusterTrustBundle: _bundle, podCertificate: _certificate, ...rest } = projection;
  return rest;
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const withToken = change(withoutGated(projection), 'serviceAccountToken', (token) => fill(token, { expirationSeconds: 3600 }));
  return change(withToken, 'downwardAPI', (source) => change(source, 'items', (items) => mapSame(items, defaultDownwardItem)));
}

/** A volume without a source is an emptyDir. */
export function defaultVolume(volume: Volume): Volume {
  const hasSource = Object.entries(volume).some(([key, value]) => key !== 'name' && value !== undefined && value !== null);
  let result = hasSource ? volume : { ...volume, emptyDir: {} };
  result = change(result, 'emptyDir', (source) =>
    change(source, 'sizeLimit', (size) => (quantityComplaint(size) === undefined ? canonicalQuantity(size) : size)),
  );
  result = change(result, 'configMap', (source) => fill(source, { defaultMode }));
  result = change(result, 'secret', (source) => fill(source, { defaultMode }));
  result = change(result, 'downwardAPI', (source) =>
    change(fill(source, { defaultMode }), 'items', (items) => mapSame(items, defaultDownwardItem)),
  );
  result = change(result, 'projected', (source) =>
    change(fill(source, { defaultMode }), 'sources', (sources) => mapSame(sources, defaultProjection)),
  );
  result = change(result, 'hostPath', (source) => fill(source, { type: '' }));
  return change(result, 'ephemeral', (source) =>
    change(source, 'volumeClaimTemplate', (template) => change(template, 'spec', (spec) => fill(spec, { volumeMode: 'Filesystem' }))),
  );
}
