import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

/** BusyBox: one small program with many names. */
export const busybox: ImageDefinition = {
  repository: 'docker.io/library/busybox',
  versions: [
    { tags: ['1.37', '1.37.0', 'latest', 'stable', '1', 'musl', 'glibc'], sizeBytes: 2_223_685 },
    { tags: ['1.36', '1.36.1'], sizeBytes: 2_166_802 },
    { tags: ['1.35', '1.35.0', '1.34', '1.28', '1.28.4'], sizeBytes: 2_158_120 },
  ],
  config: { cmd: ['sh'] },
  files: (_version, programs) => busyboxFiles(programs),
};

/** The copy that kubernetes.io's examples name. */
export const oldBusybox: ImageDefinition = {
  ...busybox,
  repository: 'registry.k8s.io/busybox',
  versions: [{ tags: ['1.27.2', '1.27', '1.24', 'latest'], sizeBytes: 720_019 }],
};
