/** The log collector that the documentation's DaemonSet runs on every node. */
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { civilTime } from '../../kernel/index.ts';
import { serveUntilSignal } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';

function line(sys: Sys, text: string): string {
  const t = civilTime(sys.kernel.clock.unixMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} +0000 [info]: ${text}\n`;
}

/** Differs from Kubernetes: fluentd starts, waits and ends as the real one does, but collects no logs, since nothing would take them. */
const fluentd: Program = function* (sys): Call<number> {
  yield* sys.print(1, line(sys, 'parsing config file is succeeded path="/etc/fluent/fluent.conf"'));
  yield* sys.print(1, line(sys, '#0 fluentd worker is now running worker=0'));
  yield* serveUntilSignal(sys, ['TERM', 'INT']);
  yield* sys.print(1, line(sys, 'Received graceful stop'));
  return 0;
};

export const fluentdElasticsearch: ImageDefinition = {
  repository: 'quay.io/fluentd_elasticsearch/fluentd',
  // Unverified: the sizes of these images.
  versions: [
    { tags: ['v2.5.2', 'latest'], sizeBytes: 65_000_000 },
    { tags: ['v5.0.1'], sizeBytes: 68_000_000 },
  ],
  usage: { idleCpuMilli: 2, memoryBytes: 71_000_000 },
  config: { entrypoint: ['/entrypoint.sh'] },
  files: (_version, programs) => ({
    ...debianFiles(programs),
    '/entrypoint.sh': fluentd,
    '/etc/fluent/fluent.conf': '@include config.d/*.conf\n',
  }),
};
