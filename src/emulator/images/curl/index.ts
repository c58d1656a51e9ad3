import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

/** curl and a BusyBox shell. */
export const curl: ImageDefinition = {
  repository: 'docker.io/curlimages/curl',
  versions: [{ tags: ['8.18.0', '8.15.0', 'latest', '8.14.1', '8.12.1', '8.11.1', '8.10.1', '8.8.0'], sizeBytes: 9_600_000 }],
  config: { entrypoint: ['/entrypoint.sh'], cmd: ['curl'], env: { CURL_VERSION: '8_15_0' }, workingDir: '/home/curl_user' },
  files: (_version, programs) => ({
    ...busyboxFiles(programs),
    ...programsIn('/usr/bin', ['curl'], programs),
    '/entrypoint.sh':
      '#!/bin/sh\n# A first word that is a program is run as it is; anything else is for curl.\nif [ "$#" -gt 0 ] && command -v "$1" >/dev/null 2>&1; then exec "$@"; fi\nexec curl "$@"\n',
    '/home/curl_user/.keep': '',
  }),
};
