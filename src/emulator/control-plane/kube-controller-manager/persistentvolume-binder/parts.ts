import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../../api/generated/types.ts';
import type { Client, EventRecorder, Informer } from '../../../client/index.ts';
import type { Binding } from './binding.ts';

/** What the two halves of the controller work with. */
export interface BinderParts {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly binding: Binding;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  /** The volumes that a claim might get: those that name it, and those of its class that are free. */
  candidates(claim: PersistentVolumeClaim): Iterable<PersistentVolume>;
  /** The Pods that use a claim. */
  pods(claim: PersistentVolumeClaim): readonly Pod[];
  /** Looks at a claim soon. */
  enqueueClaim(claim: PersistentVolumeClaim): void;
}
