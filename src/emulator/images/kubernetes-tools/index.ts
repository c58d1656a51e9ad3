/** kubectl with a shell, curl and jq on Alpine: what Pods use that talk to the API of their own cluster. */
import { alpine } from '../alpine/index.ts';
import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';

// Differs from Kubernetes: of this image's many tools only bash, curl, jq and kubectl are there.
export const kubernetesTools: ImageDefinition = {
  repository: 'docker.io/alpine/k8s',
  versions: [{ tags: ['1.34.1', '1.34.0', '1.33.5', '1.33.4'], sizeBytes: 268_000_000 }],
  config: { cmd: ['bash'], workingDir: '/apps' },
  files: (_, programs) => ({
    ...alpine.files('3.22', programs),
    ...programsIn('/usr/bin', ['curl', 'jq', 'kubectl'], programs),
    ...programsIn('/bin', ['bash'], programs),
    '/apps/.keep': '',
  }),
};
