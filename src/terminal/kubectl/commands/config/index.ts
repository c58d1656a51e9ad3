/** kubectl config. Upstream: kubectl/pkg/cmd/config. */

import type { Command } from '../../command.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { noHeadersFlag, printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import type { Kubeconfig, NamedEntry } from '../../kubeconfig.ts';
import { find, loadKubeconfig, writableKubeconfig, writeKubeconfig } from '../../kubeconfig.ts';
import { outputPrinter } from '../../printers/print-flags.ts';
import { formatYaml } from '../../printers/serialized.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import { exactly } from './arguments.ts';
import { setCluster, setCredentials } from './credentials.ts';
import { setEntry, shownPath } from './entries.ts';
import { setProperty, unset } from './property.ts';
import type { Section } from './sections.ts';

const completeContexts: NonNullable<Command['complete']> = function* (invocation) {
  return loadKubeconfig(invocation.sys, invocation.flags).contexts.map((entry) => entry.name);
};

const view: Command = {
  name: 'view',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  usage: 'config view [flags]',
  flags: [
    ...printFlags.map((item) => (item.name === 'output' ? { ...item, initial: 'yaml' } : item)),
    flag('flatten', 'bool', false, 'Put the content of files into the output.'),
    flag('merge', 'bool', true, 'Merge all files.'),
    flag('minify', 'bool', false, 'Only what the current context needs.'),
    flag('raw', 'bool', false, 'Show secrets and certificate data.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    if (invocation.args.length > 0) throw invocation.usageError(`unexpected arguments: [${invocation.args.join(' ')}]`);
    let config = loadKubeconfig(invocation.sys, flags);
    if (flags.bool('minify')) config = minify(config, flags.string('context') || config['current-context']);
    const printer = (yield* outputPrinter(invocation)) ?? formatYaml;
    yield* invocation.out(printer(flags.bool('raw') || flags.bool('flatten') ? shown(config) : shown(redacted(config))));
    return 0;
  },
};

/** Empty lists are shown as null, as Go writes nil slices. */
function shown(config: Kubeconfig): Json {
  const list = (entries: readonly NamedEntry[]): Json => (entries.length === 0 ? null : entries);
  // Since v1.34 empty preferences are left out.
  const { preferences, ...rest } = config;
  return {
    ...rest,
    clusters: list(config.clusters),
    contexts: list(config.contexts),
    users: list(config.users),
    ...(Object.keys(preferences ?? {}).length > 0 && { preferences }),
  };
}

function redacted(config: Kubeconfig): Kubeconfig {
  const hide = (entries: readonly NamedEntry[], field: string, secrets: Readonly<Record<string, string>>): NamedEntry[] =>
    entries.map((entry) => ({
      ...entry,
      [field]: Object.fromEntries(Object.entries<Json>(entry[field] ?? {}).map(([key, value]) => [key, secrets[key] ?? value])),
    }));
  return {
    ...config,
    clusters: hide(config.clusters, 'cluster', { 'certificate-authority-data': 'DATA+OMITTED' }),
    users: hide(config.users, 'user', {
      'client-certificate-data': 'DATA+OMITTED',
      'client-key-data': 'DATA+OMITTED',
      token: 'REDACTED',
      password: 'REDACTED',
    }),
  };
}

function minify(config: Kubeconfig, name: string): Kubeconfig {
  const context = find(config.contexts, name);
  if (name === '') throw new CommandError('current-context must exist in order to minify');
  if (!context) throw new CommandError(`cannot locate context ${name}`);
  return {
    ...config,
    'current-context': name,
    contexts: [context],
    clusters: config.clusters.filter((entry) => entry.name === context.context.cluster),
    users: config.users.filter((entry) => entry.name === context.context.user),
  };
}

const currentContext: Command = {
  name: 'current-context',
  short: 'Display the current-context',
  usage: 'config current-context [flags]',
  *run(invocation) {
    const name = loadKubeconfig(invocation.sys, invocation.flags)['current-context'];
    if (name === '') throw new CommandError('current-context is not set');
    yield* invocation.out(`${name}\n`);
    return 0;
  },
};

const getContexts: Command = {
  name: 'get-contexts',
  short: 'Describe one or many contexts',
  usage: 'config get-contexts [(-o|--output=)name)]',
  flags: [noHeadersFlag, flag('output', 'string', '', 'name.', { short: 'o' })],
  complete: completeContexts,
  *run(invocation) {
    const { flags, args } = invocation;
    const config = loadKubeconfig(invocation.sys, flags);
    const output = flags.string('output');
    if (output !== '' && output !== 'name')
      throw new CommandError(`--output ${output} is not available in kubectl config get-contexts; resetting to default output format`);
    const missing = args.filter((name) => !find(config.contexts, name));
    const names = (
      args.length > 0 ? args.filter((name) => !missing.includes(name)) : config.contexts.map((entry) => entry.name)
    ).toSorted();
    if (output === 'name') {
      yield* invocation.out(names.map((name) => `${name}\n`).join(''));
      return 0;
    }
    const writer = new TabWriter();
    if (!flags.bool('no-headers')) writer.write('CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n');
    for (const name of names) {
      const context = find(config.contexts, name)!.context;
      writer.write(
        `${name === config['current-context'] ? '*' : ''}\t${name}\t${context.cluster ?? ''}\t${context.user ?? ''}\t${context.namespace ?? ''}\n`,
      );
    }
    yield* invocation.out(writer.flush());
    if (missing.length > 0) throw new AggregateFailure(missing.map((name) => new CommandError(`context ${name} not found`)));
    return 0;
  },
};

function listing(name: string, section: Section, title: string, short: string): Command {
  return {
    name,
    short,
    usage: `config ${name} [flags]`,
    *run(invocation) {
      const names = loadKubeconfig(invocation.sys, invocation.flags)[section].map((entry) => entry.name);
      yield* invocation.out([...(title === '' ? [] : [title]), ...names.toSorted()].map((line) => `${line}\n`).join(''));
      return 0;
    },
  };
}

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  short: 'Set the current-context in a kubeconfig file',
  usage: 'config use-context CONTEXT_NAME',
  complete: completeContexts,
  *run(invocation) {
    const [name = ''] = yield* exactly(invocation, 1);
    if (!find(loadKubeconfig(invocation.sys, invocation.flags).contexts, name))
      throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
    const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
    writeKubeconfig(invocation.sys, path, { ...config, 'current-context': name });
    yield* invocation.out(`Switched to context "${name}".\n`);
    return 0;
  },
};

const setContext: Command = {
  name: 'set-context',
  short: 'Set a context entry in kubeconfig',
  usage: 'config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  examples: ['config set-context --current --namespace=shop'],
  flags: [
    flag('cluster', 'string', '', 'Cluster of the context.'),
    flag('current', 'bool', false, 'Change the current context.'),
    flag('namespace', 'string', '', 'Namespace of the context.'),
    flag('user', 'string', '', 'User of the context.'),
  ],
  complete: completeContexts,
  *run(invocation) {
    const { flags, args } = invocation;
    const current = loadKubeconfig(invocation.sys, flags)['current-context'];
    if (flags.bool('current') && args.length > 0) throw new CommandError('you cannot specify both a context name and --current');
    if (args.length > 1) yield* exactly(invocation, 1);
    if (!flags.bool('current') && args.length === 0) throw new CommandError('you must specify a non-empty context name or --current');
    const name = flags.bool('current') ? current : args[0]!;
    if (name === '') throw new CommandError('no current context is set');
    const given = (flagName: string): string | undefined => (flags.changed(flagName) ? flags.string(flagName) : undefined);
    const fields = {
      ...(given('cluster') && { cluster: given('cluster') }),
      ...(given('namespace') !== undefined && { namespace: given('namespace') || undefined }),
      ...(given('user') && { user: given('user') }),
    };
    return yield* setEntry(invocation, 'contexts', name, fields, 'Context');
  },
};

function deleting(name: string, section: Section, word: string): Command {
  return {
    name,
    short: `Delete the specified ${word} from the kubeconfig`,
    usage: `config ${name} NAME`,
    *run(invocation) {
      const [wanted = ''] = yield* exactly(invocation, 1);
      const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
      if (!find(config[section], wanted)) throw new CommandError(`cannot delete ${word} ${wanted}, not in ${shownPath(invocation)}`);
      if (section === 'contexts' && config['current-context'] === wanted) {
        yield* invocation.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n');
      }
      writeKubeconfig(invocation.sys, path, { ...config, [section]: config[section].filter((entry) => entry.name !== wanted) });
      yield* invocation.out(`deleted ${word} ${wanted} from ${shownPath(invocation)}\n`);
      return 0;
    },
  };
}

const renameContext: Command = {
  name: 'rename-context',
  short: 'Rename a context from the kubeconfig file',
  usage: 'config rename-context CONTEXT_NAME NEW_NAME',
  complete: completeContexts,
  *run(invocation) {
    const [from = '', to = ''] = yield* exactly(invocation, 2);
    const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
    if (!find(config.contexts, from))
      throw new CommandError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${shownPath(invocation)}`);
    if (find(config.contexts, to))
      throw new CommandError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${shownPath(invocation)}`,
      );
    const contexts = config.contexts.map((entry) => (entry.name === from ? { ...entry, name: to } : entry));
    writeKubeconfig(invocation.sys, path, {
      ...config,
      contexts,
      'current-context': config['current-context'] === from ? to : config['current-context'],
    });
    yield* invocation.out(`Context "${from}" renamed to "${to}".\n`);
    return 0;
  },
};

export const configCommand: Command = {
  name: 'config',
  short: 'Modify kubeconfig files',
  usage: 'config SUBCOMMAND',
  subcommands: [
    currentContext,
    deleting('delete-cluster', 'clusters', 'cluster'),
    deleting('delete-context', 'contexts', 'context'),
    deleting('delete-user', 'users', 'user'),
    listing('get-clusters', 'clusters', 'NAME', 'Display clusters defined in the kubeconfig'),
    getContexts,
    listing('get-users', 'users', 'NAME', 'Display users defined in the kubeconfig'),
    renameContext,
    setProperty,
    setCluster,
    setContext,
    setCredentials,
    unset,
    useContext,
    view,
  ],
};
