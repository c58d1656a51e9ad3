/**
 * kubectl: a program of the emulated machines that speaks HTTP to the API server of its kubeconfig.
 *
 * - A verb is a folder under `commands/` and one line in `commands/index.ts`.
 * - Kinds are known by discovery only (`rest/`), never by importing descriptors; `describe/` alone knows the built-in kinds.
 * - What is printed and how errors are worded is the real kubectl's, byte for byte; `test/conformance/` compares them.
 * - A flag that the real kubectl has and this one does not is refused by name, never ignored.
 *
 * Upstream: kubectl and cli-runtime v0.34, and kustomize v5.6.0 in `kustomize/`.
 *
 * // Differs from Kubernetes: the texts of --help are shorter and in our own words.
 * // Differs from Kubernetes: kubectl does not download OpenAPI; merge keys of patches come from the generated schema.
 */
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { withCompleter } from '../shell/completion/completer.ts';
import { findCommand, flagsOf, helpFlag } from './command-line.ts';
import { commandGroups, hiddenCommands, topLevel } from './commands/index.ts';
import { completeKubectl } from './complete.ts';
import { CommandError, describeError, Quit } from './errors.ts';
import { globalFlags } from './flag-groups.ts';
import { FlagError, parseFlags } from './flag-set.ts';
import { commandHelp, overview, topics } from './help.ts';
import { Invocation } from './invocation.ts';
import { pluginCommands, runPlugin } from './plugins.ts';
import { prepare } from './preferences.ts';
import { suggestions } from './suggestions.ts';

const main: Program = function* (sys) {
  let path = 'kubectl';
  try {
    const { found, argv, presets } = yield* prepare(sys, sys.argv.slice(1));
    path = found.path;
    if (found.unknown === 'help') return yield* help(sys, argv.slice(argv.indexOf('help') + 1));
    runPlugin(sys, argv, found);
    if (found.unknown !== undefined) return yield* unknownCommand(found.unknown, (text) => sys.print(2, text));
    if (found.command === undefined) return yield* atTopLevel(sys, argv);
    const { command, rest } = found;
    const parsed = parseFlags(flagsOf(command), rest, presets);
    if (parsed.values.bool('help')) {
      yield* sys.print(1, commandHelp(command, path));
      return 0;
    }
    const { values: flags, args, dashAt } = parsed;
    const invocation = new Invocation({ sys, command, commandPath: path, flags, args, dashAt, find: findCommand });
    return yield* run(invocation);
  } catch (error) {
    const text = error instanceof FlagError ? `error: ${error.message}\nSee '${path} --help' for usage.\n` : undefined;
    const described = text === undefined ? describeError(error) : { text, code: 1 };
    if (!described) throw error;
    if (error instanceof CommandError && error.printed !== '') yield* sys.print(1, error.printed);
    if (described.text !== '') yield* sys.print(2, described.text);
    return described.code;
  }
};

/** The program, with its completer. */
export const kubectl: Program = withCompleter(main, completeKubectl);

function* run(invocation: Invocation): Call<number> {
  const { command, flags } = invocation;
  const missing = (command.required ?? []).filter((name) => !flags.changed(name));
  if (missing.length > 0) throw new CommandError(`required flag(s) ${missing.map((name) => JSON.stringify(name)).join(', ')} not set`);
  if (!command.run) {
    if (invocation.args.length > 0) throw invocation.usageError(`unknown command ${JSON.stringify(invocation.args.join(' '))}`);
    const text = commandHelp(command, invocation.commandPath);
    yield* command.printsHelp ? invocation.out(text) : invocation.err(text);
    throw new Quit(1);
  }
  const code = (yield* command.run(invocation)) ?? 0;
  if (code === 0 && flags.bool('warnings-as-errors') && invocation.hasWarned) throw new CommandError('1 warning received');
  return code;
}

/** `kubectl help VERB`. */
function* help(sys: Sys, words: readonly string[]): Call<number> {
  const { command, path } = findCommand(words);
  const isUnknown = words.length > 0 && command === undefined;
  if (isUnknown) yield* sys.print(2, `Unknown help topic [${words.map((word) => `\`${word}\``).join(' ')}]\n\n\n`);
  if (command) yield* sys.print(1, commandHelp(command, path));
  else yield* sys.print(isUnknown ? 2 : 1, (isUnknown ? topics : overview)(commandGroups, pluginCommands(sys)));
  return 0;
}

function* unknownCommand(word: string, err: (text: string) => Call<void>): Call<number> {
  const near = suggestions(
    word,
    [...topLevel, ...hiddenCommands].map((command) => command.name),
  );
  const hint = near.length === 0 ? '' : `\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join('')}`;
  yield* err(`error: unknown command ${JSON.stringify(word)} for "kubectl"\n${hint}`);
  return 1;
}

function* atTopLevel(sys: Sys, argv: readonly string[]): Call<number> {
  try {
    parseFlags([...globalFlags, helpFlag], argv);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    yield* sys.print(2, `error: ${error.message}\nSee 'kubectl --help' for usage.\n`);
    return 1;
  }
  yield* sys.print(1, overview(commandGroups, pluginCommands(sys)));
  return 0;
}
