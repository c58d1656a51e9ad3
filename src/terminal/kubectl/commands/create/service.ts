/** kubectl create service clusterip | nodeport | loadbalancer | externalname. Upstream: kubectl/pkg/cmd/create/create_service.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import type { Flag } from '../../flag-set.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';

const tcpFlag: Flag = flag('tcp', 'list', [], 'Ports, each PORT or PORT:TARGETPORT.');

/** What the lines of usage say about ports. */
const ports: Readonly<Record<string, string>> = {
  clusterip: '[--tcp=<port>:<targetPort>]',
  externalname: '--external-name external.name',
};

export const createService: Command = {
  name: 'service',
  aliases: ['svc'],
  short: 'Create a service using a specified subcommand',
  usage: 'create service [flags]',
  subcommands: [
    serviceCommand('clusterip', 'ClusterIP', [flag('clusterip', 'string', '', 'A cluster IP of your choice, or None.')]),
    serviceCommand('externalname', 'ExternalName', [flag('external-name', 'string', '', 'The outside name.')], ['external-name']),
    serviceCommand('loadbalancer', 'LoadBalancer', []),
    serviceCommand('nodeport', 'NodePort', [flag('node-port', 'int', 0, 'The port on every node.')]),
  ],
};

function serviceCommand(name: string, type: string, flags: readonly Flag[], required: readonly string[] = []): Command {
  return {
    name,
    short: `Create a ${type} service`,
    usage: `create service ${name} NAME ${ports[name] ?? '[--tcp=port:targetPort]'} [--dry-run=server|client|none]`,
    flags: [...generatorFlags, tcpFlag, ...flags],
    required,
    run: (invocation) => createOne(invocation, type),
  };
}

function* createOne(invocation: Invocation, type: string): Call<number> {
  const { flags } = invocation;
  const name = nameOf(invocation);
  const clusterIP = flags.string('clusterip');
  const tcp = flags.list('tcp');
  if (clusterIP !== 'None' && type !== 'ExternalName' && tcp.length === 0)
    throw new CommandError('at least one tcp port specifier must be provided');
  const nodePort = flags.int('node-port');
  const ports = tcp.map((text) => {
    const { port, targetPort } = parsePorts(text);
    return { name: text.replaceAll(':', '-'), ...(nodePort > 0 && { nodePort }), port, protocol: 'TCP', targetPort };
  });
  const labels = { app: name };
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels, name },
    spec: {
      ...(clusterIP !== '' && { clusterIP }),
      ...(type === 'ExternalName' && { externalName: flags.string('external-name') }),
      ...(ports.length > 0 && { ports }),
      selector: labels,
      type,
    },
    status: { loadBalancer: {} },
  };
  return yield* createGenerated(
    invocation,
    { root: '/api/v1', resource: 'services', isNamespaced: true },
    object,
    `failed to create ${type} service:`,
  );
}

function parsePorts(text: string): { readonly port: number; readonly targetPort: number | string } {
  const [first, target] = text.split(':') as [string, string | undefined];
  if (!/^\d+$/.test(first)) throw new CommandError(`strconv.ParseUint: parsing ${JSON.stringify(first)}: invalid syntax`);
  const port = Number(first);
  if (port > 65_535) throw new CommandError(`strconv.ParseUint: parsing ${JSON.stringify(first)}: value out of range`);
  if (target === undefined) return { port, targetPort: port };
  if (!/^\d+$/.test(target)) return { port, targetPort: target };
  if (Number(target) < 1 || Number(target) > 65_535) throw new CommandError('must be between 1 and 65535, inclusive');
  return { port, targetPort: Number(target) };
}
