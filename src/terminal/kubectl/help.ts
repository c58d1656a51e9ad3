/** `--help` in kubectl's layout. Upstream: kubectl/pkg/util/templates. */
import type { Command, CommandGroup } from './command.ts';
import { globalFlags } from './flag-groups.ts';
import type { Flag } from './flag-set.ts';

const footer = 'Use "kubectl options" for a list of global command-line options (applies to all commands).\n';

const introduction =
  'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n\n';

export const overview = (groups: readonly CommandGroup[], plugins: readonly string[]): string => introduction + topics(groups, plugins);

/** `plugins` are the first words of what plugins there are. */
export function topics(groups: readonly CommandGroup[], plugins: readonly string[]): string {
  const added = plugins.map((name) => ({ name, short: `The command ${name} is a plugin installed by the user` }));
  const width = nameWidth(groups.flatMap(({ commands }) => commands));
  const sections = groups.map(({ title, commands }) => `${title}:\n${commandList(commands, width)}`);
  // The title stands even where there are no plugins.
  sections.splice(-1, 0, `Subcommands provided by plugins:\n${commandList(added, nameWidth(added))}`);
  return [
    ...sections,
    'Usage:\n  kubectl [flags] [options]\n',
    `Use "kubectl <command> --help" for more information about a given command.\n${footer}`,
  ].join('\n');
}

export function commandHelp(command: Command, path: string): string {
  const sections = [`${command.long ?? `${command.short}.`}\n`];
  if (command.aliases) sections.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}\n`);
  if (command.examples) sections.push(`Examples:\n${command.examples.map((example) => `  kubectl ${example}\n`).join('')}`);
  if (command.subcommands) sections.push(`Available Commands:\n${commandList(command.subcommands, nameWidth(command.subcommands))}`);
  if (command.flags && command.flags.length > 0) sections.push(`Options:\n${flagList(command.flags)}`);
  sections.push(`Usage:\n  kubectl ${command.usage}${command.usage.includes('[options]') ? '' : ' [options]'}\n`);
  const more = command.subcommands ? `Use "${path} <command> --help" for more information about a given command.\n` : '';
  return `${sections.join('\n')}\n${more}${footer}`;
}

export function optionsHelp(): string {
  return `The following options can be passed to any command:\n\n${flagList(globalFlags)}`;
}

/** Columns of names are as wide as the longest of all siblings, eleven at least. */
const nameWidth = (commands: readonly Listed[]): number => Math.max(11, ...commands.map(({ name }) => name.length)) + 2;

type Listed = Pick<Command, 'name' | 'short' | 'isHidden'>;

function commandList(commands: readonly Listed[], width: number): string {
  return commands
    .filter((command) => !command.isHidden)
    .map((command) => `  ${command.name.padEnd(width)} ${command.short}\n`)
    .join('');
}

function flagList(flags: readonly Flag[]): string {
  const shown = flags.filter((item) => !item.isUnsupported);
  return [...shown]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((item) => `    ${item.short ? `-${item.short}, ` : ''}--${item.name}=${initialText(item)}:\n\t${item.usage}\n`)
    .join('\n');
}

function initialText(item: Flag): string {
  if (item.type === 'string') return `'${item.initial as string}'`;
  if (item.type === 'list' || item.type === 'array') return `[${(item.initial as readonly string[]).join(',')}]`;
  if (item.type === 'duration') return goDuration(item.initial as number);
  return String(item.initial);
}

function goDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor(ms / 1000) % 60;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
