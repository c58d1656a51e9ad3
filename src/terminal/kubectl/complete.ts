/** Tab completion of a kubectl command line. */
import type { Call } from '../../emulator/kernel/index.ts';
import type { Completer, CompletionContext } from '../shell/completion/completer.ts';
import { findCommand, flagsOf } from './command-line.ts';
import { commandGroups, topLevel } from './commands/index.ts';
import { completeNamesOf, containersOf, namesOf } from './completion.ts';
import { globalFlags } from './flag-groups.ts';
import type { Flag } from './flag-set.ts';
import { parseFlags } from './flag-set.ts';
import { Invocation } from './invocation.ts';
import { loadKubeconfig } from './kubeconfig.ts';

/** Flags whose value is a path. */
const fileFlagNames: readonly string[] = [
  'filename',
  'kustomize',
  'kubeconfig',
  'patch-file',
  'from-file',
  'from-env-file',
  'cert',
  'key',
  'client-certificate',
  'client-key',
  'certificate-authority',
];

/** Candidates for the word that is being typed. */
export const completeKubectl: Completer = function* (context) {
  const word = context.current;
  try {
    const candidates = yield* candidatesFor(context, context.words.slice(1), word);
    return [...new Set(candidates)].filter((candidate) => candidate.startsWith(word)).sort();
  } catch {
    return []; // Nothing can be offered while the server is away or the line is wrong; the command itself will say why.
  }
};

function* candidatesFor(context: CompletionContext, before: readonly string[], word: string): Call<readonly string[]> {
  const { sys } = context;
  const found = findCommand(before);
  if (found.unknown !== undefined || before.includes('--')) return [];
  const { command } = found;
  const flags = command ? flagsOf(command) : globalFlags;
  const last = before.at(-1);
  const pending = last?.startsWith('-') ? pendingFlag(flags, last) : undefined;
  const base = pending ? before.slice(0, -1) : before;
  const rest = command ? findCommand(base).rest : base;
  const parsed = parseFlags(flags, rest);
  const shownCommand = command ?? topLevel[0]!;
  const invocation = new Invocation({
    sys,
    command: shownCommand,
    commandPath: found.path,
    flags: parsed.values,
    args: parsed.args,
    dashAt: -1,
    find: findCommand,
  });
  if (pending && fileFlagNames.includes(pending.name)) return context.files(word);
  if (pending) return yield* valuesOf(invocation, pending);
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  if (equals > 0) {
    const item = flags.find((one) => one.name === word.slice(2, equals));
    return item ? (yield* valuesOf(invocation, item)).map((value) => `--${item.name}=${value}`) : [];
  }
  if (word.startsWith('-'))
    return flags
      .filter((item) => !item.isUnsupported)
      .flatMap((item) => [`--${item.name}`, ...(item.short && word === `-${item.short}` ? [word] : [])]);
  if (!command) return commandGroups.flatMap((group) => group.commands).map((one) => one.name);
  if (command.subcommands && parsed.args.length === 0) return command.subcommands.map((one) => one.name);
  return command.complete ? yield* command.complete(invocation, parsed.args, word) : [];
}

/** The flag that waits for the word under the cursor. */
function pendingFlag(flags: readonly Flag[], word: string): Flag | undefined {
  if (word.includes('=')) return undefined;
  const item = flags.find((one) => word === `--${one.name}` || (one.short !== undefined && word === `-${one.short}`));
  return item && item.type !== 'bool' && item.bare === undefined ? item : undefined;
}

function* valuesOf(invocation: Invocation, item: Flag): Call<readonly string[]> {
  const config = () => loadKubeconfig(invocation.sys, invocation.flags);
  switch (item.name) {
    case 'namespace':
      return yield* namesOf(invocation, 'namespaces');
    case 'container':
      return invocation.args[0] === undefined ? [] : yield* containersOf(invocation, invocation.args[0]);
    case 'output':
      return ['json', 'yaml', 'name', 'wide', 'jsonpath=', 'custom-columns=', 'go-template='];
    case 'dry-run':
      return ['client', 'none', 'server'];
    case 'context':
      return config().contexts.map((entry) => entry.name);
    case 'cluster':
      return config().clusters.map((entry) => entry.name);
    case 'user':
      return config().users.map((entry) => entry.name);
    case 'cascade':
      return ['background', 'foreground', 'orphan'];
    case 'serviceaccount':
      return yield* completeNamesOf('serviceaccounts')(invocation, [], '');
    default:
      return [];
  }
}
