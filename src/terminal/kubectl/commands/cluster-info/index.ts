/** kubectl cluster-info. Upstream: kubectl/pkg/cmd/clusterinfo/clusterinfo.go. */
import type { Command } from '../../command.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { dump } from './dump.ts';

/** Colours, as go-colortext writes them: only for a terminal that has them. */
function painter(invocation: Invocation): (color: 32 | 33, text: string) => string {
  const term = invocation.sys.env.get('TERM') ?? '';
  return term === '' || term === 'dumb' ? (_, text) => text : (color, text) => `\x1b[0;${color}m${text}\x1b[0m`;
}

export const clusterInfo: Command = {
  name: 'cluster-info',
  short: 'Display cluster information',
  usage: 'cluster-info [flags]',
  subcommands: [dump],
  *run(invocation) {
    const { client } = invocation;
    const services: Json = yield* client.request({
      method: 'GET',
      path: '/api/v1/namespaces/kube-system/services',
      query: { labelSelector: 'kubernetes.io/cluster-service=true', limit: '500' },
    });
    const server = client.config.server;
    const paint = painter(invocation);
    const line = (name: string, url: string): string => `${paint(32, name)} is running at ${paint(33, url)}\n`;
    yield* invocation.out(line('Kubernetes control plane', server));
    for (const service of services.items as readonly Json[]) {
      const port = service.spec.ports?.[0];
      const scheme = port?.name?.startsWith('https') || port?.port === 443 ? 'https:' : '';
      const name = port?.name
        ? `${scheme}${service.metadata.name}:${port.name}`
        : `${scheme === '' ? '' : 'https:'}${service.metadata.name}`;
      const title = service.metadata.labels?.['kubernetes.io/name'] || service.metadata.name;
      yield* invocation.out(line(title, `${server}/api/v1/namespaces/${service.metadata.namespace}/services/${name}/proxy`));
    }
    yield* invocation.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
    return 0;
  },
};
