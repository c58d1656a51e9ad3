/** GNU Bash on Alpine, as the documentation's Jobs use it. */
import { alpine } from '../alpine/index.ts';
import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';

export const bash: ImageDefinition = {
  repository: 'docker.io/library/bash',
  versions: [
    { tags: ['5.3', '5', 'latest', '5.3.3'], sizeBytes: 6_200_000 },
    { tags: ['5.2', '5.2.37', '5.1'], sizeBytes: 6_100_000 },
  ],
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['bash'] },
  files: (_, programs) => ({
    ...alpine.files('3.22', programs),
    ...programsIn('/usr/local/bin', ['bash'], programs),
    '/usr/local/bin/docker-entrypoint.sh': '#!/usr/local/bin/bash\nset -e\ncase "$1" in -* | "") set -- bash "$@" ;; esac\nexec "$@"\n',
  }),
};
