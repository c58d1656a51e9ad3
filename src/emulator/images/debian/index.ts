/** Debian and Ubuntu, as small as their images are: no ps, no ping, no editor, and nothing to install from here. */
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';

export const debianImages: readonly ImageDefinition[] = [
  {
    repository: 'docker.io/library/debian',
    versions: [
      { tags: ['bookworm', '12', '12.11', 'bookworm-slim', '12-slim'], sizeBytes: 48_490_000 },
      { tags: ['trixie', '13', 'latest', 'stable', 'stable-slim', 'trixie-slim'], sizeBytes: 49_270_000 },
    ],
    config: { cmd: ['bash'] },
    files: (_version, programs) => debianFiles(programs),
  },
  {
    repository: 'docker.io/library/ubuntu',
    versions: [
      { tags: ['24.04', 'latest', 'noble'], sizeBytes: 29_720_000 },
      { tags: ['22.04', 'jammy'], sizeBytes: 29_540_000 },
      { tags: ['20.04', 'focal'], sizeBytes: 27_510_000 },
    ],
    config: { cmd: ['/bin/bash'] },
    files: (version, programs) => ({
      ...debianFiles(programs),
      '/etc/os-release': `PRETTY_NAME="Ubuntu ${version} LTS"\nNAME="Ubuntu"\nVERSION_ID="${version}"\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\n`,
    }),
  },
];
