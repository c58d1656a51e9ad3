/** The page of kubernetes.io's HorizontalPodAutoscaler walkthrough: every request computes a million square roots. */
import type { Call, HttpResponse, Sys } from '../../kernel/index.ts';
import { cgroupOf } from '../../node/container-runtime/cgroup.ts';
import { answer, httpDate, serveUntilSignal } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';

/** CPU time of one request on a usual machine. */
const requestCpuMs = 40;

function* program(sys: Sys): Call<number> {
  const listener = sys.net.listen(80, {
    http: function* (request): Call<HttpResponse> {
      yield* cgroupOf(sys)?.work(sys, requestCpuMs) ?? sys.kernel.sleep(requestCpuMs);
      const headers = {
        date: httpDate(sys.kernel.clock.unixMs),
        server: 'Apache/2.4.10 (Debian)',
        'x-powered-by': 'PHP/5.6.14',
        'content-type': 'text/html; charset=UTF-8',
      };
      return answer(request, 200, headers, 'OK!');
    },
  });
  sys.own(() => listener.close());
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
}

/** Apache with PHP and one page. */
export const hpaExample: ImageDefinition = {
  repository: 'registry.k8s.io/hpa-example',
  versions: [{ tags: ['latest'], sizeBytes: 187_502_034 }],
  usage: { idleCpuMilli: 1, memoryBytes: 9_400_000, requestCpuMs: 0 },
  config: { cmd: ['apache2-foreground'], exposedPorts: [80] },
  files: (_version, programs) => ({ ...debianFiles(programs), '/usr/local/bin/apache2-foreground': program }),
};
