/** kubectl cluster-info dump. Upstream: kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { messageOf } from '../../errors.ts';
import { allNamespacesFlag, podRunningTimeoutFlag, printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { outputPrinter } from '../../printers/print-flags.ts';

/** What is dumped of a namespace, and the names of the files. */
const kinds: readonly (readonly [file: string, path: (namespace: string) => string])[] = [
  ['events', (namespace) => `/api/v1/namespaces/${namespace}/events`],
  ['replication-controllers', (namespace) => `/api/v1/namespaces/${namespace}/replicationcontrollers`],
  ['services', (namespace) => `/api/v1/namespaces/${namespace}/services`],
  ['daemonsets', (namespace) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`],
  ['deployments', (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`],
  ['replicasets', (namespace) => `/apis/apps/v1/namespaces/${namespace}/replicasets`],
  ['pods', (namespace) => `/api/v1/namespaces/${namespace}/pods`],
];

export const dump: Command = {
  name: 'dump',
  short: 'Dump relevant information for debugging and diagnosis',
  long: 'Prints nodes, and of kube-system and the current namespace the events, Services, workloads, Pods and logs.',
  usage: 'cluster-info dump [flags]',
  examples: ['cluster-info dump', 'cluster-info dump --namespaces=default,shop --output-directory=/tmp/dump'],
  flags: [
    ...printFlags.map((item) => (item.name === 'output' ? { ...item, initial: 'json' } : item)),
    allNamespacesFlag,
    flag('namespaces', 'list', [], 'Namespaces to dump.'),
    flag('output-directory', 'string', '', 'Directory to write to, with a file a kind; standard output when absent or -.'),
    { ...podRunningTimeoutFlag, initial: 20_000 },
  ],
  *run(invocation) {
    const { flags, client } = invocation;
    const printer = (yield* outputPrinter(invocation))!;
    const extension = { json: '.json', yaml: '.yaml' }[flags.string('output')] ?? '.txt';
    const list = function* (path: string): Call<Json> {
      return yield* client.request({ method: 'GET', path });
    };
    const directory = flags.string('output-directory');
    const write = createWriter(invocation, directory);
    // Differs from Kubernetes: fields of JSON stand in alphabetical order, not in the order of Go's types.
    yield* write(`nodes${extension}`, printer(yield* list('/api/v1/nodes')));
    for (const namespace of yield* namespacesOf(invocation)) {
      let pods: Json;
      for (const [file, path] of kinds) {
        pods = yield* list(path(namespace));
        yield* write(`${namespace}/${file}${extension}`, printer(pods));
      }
      for (const pod of pods.items) yield* write(`${namespace}/${pod.metadata.name}/logs.txt`, yield* logsOf(invocation, pod));
    }
    if (directory !== '' && directory !== '-') yield* invocation.out(`Cluster info dumped to ${directory}\n`);
    return 0;
  },
};

function* namespacesOf(invocation: Invocation): Call<readonly string[]> {
  const { flags, client, namespace } = invocation;
  if (flags.bool('all-namespaces')) {
    const list: Json = yield* client.request({ method: 'GET', path: '/api/v1/namespaces' });
    return list.items.map((item: Json) => item.metadata.name);
  }
  return flags.list('namespaces').length > 0 ? flags.list('namespaces') : ['kube-system', namespace];
}

function createWriter(invocation: Invocation, directory: string): (file: string, text: string) => Call<void> {
  const { sys } = invocation;
  return function* (file, text) {
    if (directory === '' || directory === '-') return yield* invocation.out(text);
    const path = sys.path(`${directory}/${file}`);
    sys.fs.mkdirs(path.slice(0, path.lastIndexOf('/')));
    sys.fs.writeFile(path, utf8(text));
  };
}

function* logsOf(invocation: Invocation, pod: Json): Call<string> {
  const { name, namespace } = pod.metadata;
  let text = '';
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const what = `logs for container ${container.name} of pod ${namespace}/${name} ====\n`;
    text += `==== START ${what}`;
    try {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
      text += yield* invocation.client.text({ method: 'GET', path, query: { container: container.name } });
    } catch (error) {
      text += `Request log error: ${messageOf(error)}\n`;
    }
    text += `==== END ${what}`;
  }
  return text;
}
