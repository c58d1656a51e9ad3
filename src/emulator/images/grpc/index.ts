/** gRPC to try out: grpcbin, a server that describes itself, and grpcurl, a client for the command line. */
import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';
import { grpcbin } from './grpcbin.ts';
import { grpcurl } from './grpcurl.ts';

export const grpcImages: readonly ImageDefinition[] = [
  {
    repository: 'docker.io/moul/grpcbin',
    versions: [{ tags: ['latest'], sizeBytes: 12_300_000 }],
    usage: { memoryBytes: 8_400_000 },
    config: { entrypoint: ['/grpcbin'] },
    files: () => ({ '/grpcbin': grpcbin }),
  },
  {
    repository: 'docker.io/fullstorydev/grpcurl',
    versions: [
      { tags: ['latest', 'v1.9.3'], sizeBytes: 11_200_000 },
      { tags: ['latest-alpine', 'v1.9.3-alpine'], sizeBytes: 15_100_000 },
    ],
    config: { entrypoint: ['/bin/grpcurl'] },
    files: (version, programs) => ({ ...(version.includes('alpine') && busyboxFiles(programs)), '/bin/grpcurl': grpcurl }),
  },
];
