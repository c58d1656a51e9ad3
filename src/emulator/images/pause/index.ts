import type { Call, Sys } from '../../kernel/index.ts';
import type { ImageDefinition } from '../image.ts';

/** Waits for the end, as /pause does. */
export function* pauseProgram(sys: Sys): Call<number> {
  for (const signal of ['INT', 'TERM'] as const) sys.onSignal(signal, 'catch');
  yield* sys.pause();
  yield* sys.print(2, 'Shutting down, got signal: Terminated\n');
  return 0;
}

/** The container that holds a sandbox open; also a Pod that does nothing at all. */
export const pause: ImageDefinition = {
  repository: 'registry.k8s.io/pause',
  versions: [
    { tags: ['3.10.1', '3.10'], sizeBytes: 320_448 },
    { tags: ['3.9'], sizeBytes: 321_520 },
    { tags: ['3.8', '3.7', '3.6', '3.5', '3.2', '3.1', '2.0', 'latest'], sizeBytes: 311_286 },
  ],
  config: { entrypoint: ['/pause'], env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }, workingDir: '/' },
  files: () => ({ '/pause': pauseProgram }),
};
