import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

/** Alpine Linux: BusyBox with a package database; there is nothing to install from here. */
export const alpine: ImageDefinition = {
  repository: 'docker.io/library/alpine',
  versions: [
    { tags: ['3.22', '3.22.1', 'latest', '3'], sizeBytes: 3_810_000 },
    { tags: ['3.21', '3.21.3'], sizeBytes: 3_650_000 },
    { tags: ['3.20', '3.19', '3.18'], sizeBytes: 3_630_000 },
  ],
  config: { cmd: ['/bin/sh'] },
  files: (version, programs) => ({
    ...busyboxFiles(programs),
    '/etc/alpine-release': `${version}.0\n`,
    '/etc/os-release': `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}.0\nPRETTY_NAME="Alpine Linux v${version}"\nHOME_URL="https://alpinelinux.org/"\n`,
  }),
};
