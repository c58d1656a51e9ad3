import type { Call } from '../../kernel/index.ts';
import type { ApiServer } from './server.ts';

/** For the server's log: the severity, the place in upstream's source, the message. */
export type Log = (severity: 'I' | 'E', source: string, message: string) => void;

/** Upstream is told by the file system, and looks once a minute besides. */
const lookEveryMs = 1000;

/**
 * Looks at a file of the server's configuration as long as the server runs. `changed` is given a new content, and may throw;
 * `failed` is told of that, and of a file that cannot be read.
 */
export function followFile(
  server: ApiServer,
  text: () => string,
  { changed, failed }: { readonly changed: (content: string) => void; readonly failed: (error: Error) => void },
): void {
  function* follow(): Call<void> {
    let known = text();
    for (;;) {
      yield* server.kernel.sleep(lookEveryMs, true);
      if (server.isStopped) return;
      try {
        const content = text();
        if (content === known) continue;
        known = content;
        changed(content);
      } catch (error) {
        failed(error as Error);
      }
    }
  }
  server.kernel.fiber(follow(), { background: true });
}
