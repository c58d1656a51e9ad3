/** kubectl expose. Upstream: kubectl/pkg/cmd/expose/expose.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { withOverrides } from '../../changes/overrides.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, fileFlags, printFlags, saveConfigFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withLastApplied } from '../../last-applied.ts';
import { podSpecOf } from '../../pod-template.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { kindText } from '../../rest/mapper.ts';

const exposable = ['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet'];

export const expose: Command = {
  name: 'expose',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  usage:
    'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  examples: ['expose deployment web --port=80', 'expose deployment web --port=80 --target-port=8080 --type=NodePort --name=web-public'],
  flags: [
    ...printFlags,
    ...fileFlags,
    flag('cluster-ip', 'string', '', 'A cluster IP of your choice, or None.'),
    dryRunFlag,
    flag('external-ip', 'string', '', 'An outside address of a node.'),
    fieldManagerFlag('kubectl-expose'),
    flag('labels', 'string', '', 'Labels of the Service.', { short: 'l' }),
    flag('load-balancer-ip', 'string', '', 'Address for the load balancer.'),
    flag('name', 'string', '', 'Name of the Service.'),
    flag('override-type', 'string', 'merge', 'json, merge or strategic.'),
    flag('overrides', 'string', '', 'JSON to lay over the Service.'),
    flag('port', 'string', '', 'Port of the Service.'),
    flag('protocol', 'string', '', 'TCP, UDP or SCTP.'),
    saveConfigFlag,
    flag('selector', 'string', '', 'Labels of the Pods.'),
    flag('session-affinity', 'string', '', 'None or ClientIP.'),
    flag('target-port', 'string', '', 'Port of the container.'),
    flag('type', 'string', '', 'ClusterIP, NodePort, LoadBalancer or ExternalName.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const print = yield* reportPrinter(invocation);
    const targets = yield* selectAll(invocation, { ...builderFlags(invocation), selector: undefined, latest: true });
    const failures: unknown[] = [];
    for (const target of targets) {
      try {
        yield* invocation.out(print(yield* exposeOne(invocation, target), 'exposed'));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function* exposeOne(invocation: Invocation, target: Target): Call<Json> {
  const { flags } = invocation;
  if (!exposable.includes(target.object.kind)) throw new CommandError(`cannot expose a ${kindText(target.resource)}`);
  const service = withOverrides(serviceFor(invocation, target), flags.string('overrides'), flags.string('override-type'));
  const dryRun = dryRunStrategy(invocation);
  const placed = { ...service, metadata: { ...service.metadata, namespace: target.namespace } };
  if (dryRun === 'client') return invocation.config.isNamespaceExplicit ? placed : service;
  const object = flags.bool('save-config') ? withLastApplied(placed) : placed;
  return yield* invocation.client.request({
    method: 'POST',
    path: `/api/v1/namespaces/${target.namespace}/services`,
    query: { dryRun: dryRun === 'server' ? 'All' : undefined, fieldManager: flags.string('field-manager') || undefined },
    body: object,
  });
}

function serviceFor(invocation: Invocation, target: Target): Json {
  const { flags } = invocation;
  const { object } = target;
  const name = (flags.string('name') || target.name).slice(0, 63);
  const selector = flags.string('selector') === '' ? selectorOf(object) : parsePairs(flags.string('selector'));
  const labels = flags.string('labels') === '' ? object.metadata.labels : parsePairs(flags.string('labels'));
  const headless = flags.string('cluster-ip') === 'None';
  const known = portsOf(object);
  const portText = flags.string('port') || known.map(({ port }) => port).join(',');
  if (portText === '' && !headless) throw new CommandError("couldn't find port via --port flag or introspection");
  const numbers = portText === '' ? [] : portText.split(',');
  const ports = numbers.map((text, i) => {
    if (!/^\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    const protocol = flags.string('protocol') || known.find(({ port }) => port === Number(text))?.protocol || 'TCP';
    const target = flags.string('target-port');
    const targetPort = target === '' ? Number(text) : /^\d+$/.test(target) ? Number(target) : target;
    return { ...(numbers.length > 1 && { name: `port-${i + 1}` }), port: Number(text), protocol, targetPort };
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...(labels && Object.keys(labels).length > 0 && { labels }), name },
    spec: {
      ...(flags.string('cluster-ip') !== '' && { clusterIP: flags.string('cluster-ip') }),
      ...(flags.string('external-ip') !== '' && { externalIPs: [flags.string('external-ip')] }),
      ...(flags.string('type') === 'LoadBalancer' &&
        flags.string('load-balancer-ip') !== '' && { loadBalancerIP: flags.string('load-balancer-ip') }),
      ...(ports.length > 0 && { ports }),
      selector,
      ...sessionAffinity(flags.string('session-affinity')),
      ...(flags.string('type') !== '' && { type: flags.string('type') }),
    },
    status: { loadBalancer: {} },
  };
}

function sessionAffinity(text: string): { readonly sessionAffinity?: string } {
  if (text === '') return {};
  if (text !== 'None' && text !== 'ClientIP') throw new CommandError(`unknown session affinity: ${text}`);
  return { sessionAffinity: text };
}

function selectorOf(object: Json): Json {
  if (object.kind === 'Pod') {
    if (!object.metadata.labels)
      throw new CommandError(
        "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
      );
    return object.metadata.labels;
  }
  if (object.kind === 'Service') {
    if (!object.spec.selector)
      throw new CommandError("couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set");
    return object.spec.selector;
  }
  if (object.kind === 'ReplicationController') return object.spec.selector;
  if (object.spec.selector.matchExpressions?.length > 0) {
    throw new CommandError(
      "couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - to map-based selector format",
    );
  }
  return object.spec.selector.matchLabels;
}

function portsOf(object: Json): readonly { readonly port: number; readonly protocol: string }[] {
  if (object.kind === 'Service') return object.spec.ports.map((port: Json) => ({ port: port.port, protocol: port.protocol ?? 'TCP' }));
  return podSpecOf(object).containers.flatMap((container: Json) =>
    (container.ports ?? []).map((port: Json) => ({ port: port.containerPort, protocol: port.protocol ?? 'TCP' })),
  );
}

function parsePairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandError(`unexpected label spec: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
