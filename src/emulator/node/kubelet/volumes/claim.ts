/** From a Pod's volume to the PersistentVolume behind its claim (pkg/kubelet/volumemanager/populator). */
import { nodes } from '../../../api/core/node.ts';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../api/generated/types.ts';
import { bindCompleted, foreignClaim, hasAnnotation, isReachableFrom } from '../../../api/storage/volume-binding.ts';
import type { Client } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import { UnresolvedVolume, VolumeError } from './volume-error.ts';

/** Throws an `UnresolvedVolume` while there is none that could be mounted. */
export function* volumeOfClaim(client: Client, nodeName: string, pod: Pod, volume: Volume, claimName: string): Call<PersistentVolume> {
  const { namespace = '' } = pod.metadata;
  const fail = (message: string): UnresolvedVolume =>
    new UnresolvedVolume(volume.name, `error processing PVC ${namespace}/${claimName}: ${message}`);
  const claim = yield* fetch(
    () => client.get(persistentVolumeClaims, { namespace, name: claimName }),
    (message) => fail(`failed to fetch PVC from API server: ${message}`),
  );
  checkClaim(claim, pod, volume, fail);
  const name = claim.spec.volumeName!;
  const found = yield* fetch(
    () => client.get(persistentVolumes, { name }),
    (message) => fail(`failed to fetch PV ${name} from API server: ${message}`),
  );
  if (found.spec.claimRef?.uid !== claim.metadata.uid) throw fail(`invalid PV ${name}: claimRef is not the PVC`);
  if (!found.spec.nodeAffinity) return found;
  const node = yield* client.get(nodes, { name: nodeName });
  if (!isReachableFrom(found, node)) throw new VolumeError(name, 'no matching NodeSelectorTerms', 'MountVolume.NodeAffinity check failed');
  return found;
}

function checkClaim(claim: PersistentVolumeClaim, pod: Pod, volume: Volume, fail: (message: string) => UnresolvedVolume): void {
  const { metadata, spec, status } = claim;
  const foreign = volume.ephemeral && foreignClaim(claim, pod);
  if (foreign !== undefined) throw fail(foreign);
  if (metadata.deletionTimestamp) throw fail('PVC is being deleted');
  if (status?.phase !== 'Bound' || !spec.volumeName || !hasAnnotation(claim, bindCompleted)) throw fail('PVC is not bound');
}

function* fetch<T>(get: () => Call<T>, failure: (message: string) => UnresolvedVolume): Call<T> {
  try {
    return yield* get();
  } catch (error) {
    if (error instanceof StatusError) throw failure(error.message);
    throw error;
  }
}
