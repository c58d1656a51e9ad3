/** kubectl top: what the metrics API says, if an add-on serves it. Upstream: kubectl/pkg/cmd/top. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { parseTime } from '../../../../emulator/kernel/index.ts';
import { formatDuration } from '../../../../emulator/machinery/duration.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { allNamespacesFlag, fieldSelectorFlag, noHeadersFlag, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { nodeTable, podTable } from './print.ts';

/** Pods that are older should have metrics. */
const patientMs = 120_000;

const protocolBuffers = flag('use-protocol-buffers', 'bool', true, 'Changes nothing here: answers are read as JSON.');

export const top: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  usage: 'top [flags]',
  subcommands: [
    {
      name: 'node',
      aliases: ['nodes', 'no'],
      short: 'Display resource (CPU/memory) usage of nodes',
      usage: 'top node [NAME | -l label]',
      flags: [
        noHeadersFlag,
        selectorFlag,
        flag('show-capacity', 'bool', false, 'Show capacity instead of allocatable.'),
        flag('sort-by', 'string', '', 'cpu or memory.'),
        protocolBuffers,
      ],
      complete: completeNamesOf('nodes'),
      run: topNode,
    },
    {
      name: 'pod',
      aliases: ['pods', 'po'],
      short: 'Display resource (CPU/memory) usage of pods',
      usage: 'top pod [NAME | -l label]',
      flags: [
        allNamespacesFlag,
        flag('containers', 'bool', false, 'A line a container.'),
        fieldSelectorFlag,
        noHeadersFlag,
        selectorFlag,
        flag('sort-by', 'string', '', 'cpu or memory.'),
        flag('sum', 'bool', false, 'Add a line with the sum.'),
        protocolBuffers,
      ],
      complete: completeNamesOf('pods'),
      run: topPod,
    },
  ],
};

function* requireMetrics(invocation: Invocation): Call<void> {
  // Asked afresh: what is remembered of the server may be older than its add-on.
  const { groups }: Json = yield* invocation.client.request({ method: 'GET', path: '/apis' });
  if (!groups.some((group: Json) => group.name === 'metrics.k8s.io')) throw new CommandError('Metrics API not available');
}

/** Checks what both have in common; the name that was asked for, '' for all. */
function nameOf(invocation: Invocation, selector: string, what: string): string {
  const { flags, args, command } = invocation;
  if (args.length > 1) throw invocation.usageError(command.usage.replace('top ', ''));
  const sortBy = flags.string('sort-by');
  if (sortBy !== '' && sortBy !== 'cpu' && sortBy !== 'memory') throw new CommandError('--sort-by accepts only cpu or memory');
  const name = args[0] ?? '';
  if (name !== '' && selector !== '') throw new CommandError(`only one of NAME or ${what} can be provided`);
  return name;
}

const base = '/apis/metrics.k8s.io/v1beta1';

function* topNode(invocation: Invocation): Call<number> {
  const { flags, client } = invocation;
  const selector = flags.string('selector');
  const name = nameOf(invocation, selector, '--selector');
  yield* requireMetrics(invocation);
  const query = { labelSelector: selector || undefined };
  const get = (path: string): Call<Json> => client.request({ method: 'GET', path, query: name === '' ? query : {} });
  const metrics = yield* get(name === '' ? `${base}/nodes` : `${base}/nodes/${name}`);
  const items = (name === '' ? metrics.items : [metrics]) as readonly Json[];
  if (items.length === 0) throw new CommandError('metrics not available yet');
  const nodes = yield* get(name === '' ? '/api/v1/nodes' : `/api/v1/nodes/${name}`);
  const list = (name === '' ? nodes.items : [nodes]) as readonly Json[];
  const field = flags.bool('show-capacity') ? 'capacity' : 'allocatable';
  const available = new Map(list.map(({ metadata, status }) => [metadata.name as string, status[field]]));
  yield* invocation.out(nodeTable(items, available, { hasHeaders: !flags.bool('no-headers'), sortBy: flags.string('sort-by') }));
  return 0;
}

function* topPod(invocation: Invocation): Call<number> {
  const { flags, client, namespace } = invocation;
  const query = { labelSelector: flags.string('selector') || undefined, fieldSelector: flags.string('field-selector') || undefined };
  const name = nameOf(invocation, query.labelSelector ?? query.fieldSelector ?? '', 'selector');
  yield* requireMetrics(invocation);
  const isAll = flags.bool('all-namespaces');
  const path = isAll ? 'pods' : `namespaces/${namespace}/pods`;
  const metrics: Json = yield* client.request(
    name === '' ? { method: 'GET', path: `${base}/${path}`, query } : { method: 'GET', path: `${base}/${path}/${name}` },
  );
  const items = (name === '' ? metrics.items : [metrics]) as readonly Json[];
  if (items.length === 0) {
    yield* explainEmpty(invocation, `/api/v1/namespaces/${namespace}/pods`, query);
    yield* invocation.err(isAll ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    return 0;
  }
  yield* invocation.out(
    podTable(items, {
      hasHeaders: !flags.bool('no-headers'),
      sortBy: flags.string('sort-by'),
      withNamespace: isAll,
      withContainers: flags.bool('containers'),
      withSum: flags.bool('sum'),
    }),
  );
  return 0;
}

/** Throws when there are Pods that should have metrics (verifyEmptyMetrics). */
function* explainEmpty(invocation: Invocation, path: string, query: Readonly<Record<string, string | undefined>>): Call<void> {
  const { items }: Json = yield* invocation.client.request({ method: 'GET', path, query });
  if (items.length === 0) return;
  for (const { metadata } of items as readonly Json[]) {
    const ageMs = invocation.sys.kernel.clock.unixMs - parseTime(metadata.creationTimestamp)!;
    if (ageMs > patientMs)
      throw new CommandError(`Metrics not available for pod ${metadata.namespace}/${metadata.name}, age: ${formatDuration(ageMs)}`);
  }
  throw new CommandError('metrics not available yet');
}
