/** A volume that cannot be set up, and the sentence of the Event that says so. */
export class VolumeError extends Error {
  /** Of the Event FailedMount. */
  readonly event: string;

  /** `volume`: as the Pod names it, or the name of the PersistentVolume behind it. */
  constructor(volume: string, message: string, operation = 'MountVolume.SetUp failed') {
    super(message);
    this.event = `${operation} for volume ${JSON.stringify(volume)} : ${message}`;
  }
}

/** A volume of which it is not even known what to mount (pkg/kubelet/volumemanager, WaitForAttachAndMount). */
export class UnresolvedVolume extends VolumeError {
  override readonly event: string;

  constructor(volume: string, message: string) {
    super(volume, message);
    const state = `unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]`;
    this.event = `Unable to attach or mount volumes: ${state}: ${message}`;
  }
}
