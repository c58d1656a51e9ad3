/** Usage in the form of etcd's pkg/cobrautl/help.go. The words about commands and flags are our own. */
import { etcdVersion } from '../../../emulator/control-plane/etcd/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { Flag } from './commands.ts';
import { commands, globalFlags, groups } from './commands.ts';

/** Columns that are set apart with tabs, as text/tabwriter does it with a cell of eight. */
function tabbed(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.ceil((Math.max(0, ...rows.map(([left]) => left.length)) + 1) / 8);
  return rows.map(([left, right]) => `${left}${'\t'.repeat(width - Math.floor(left.length / 8))}${right}\n`).join('');
}

function options(flags: readonly Flag[]): string {
  return tabbed(
    flags.map(({ name, short, type, default: fallback, about }) => {
      const value = type === 'string' ? quote(fallback) : type === 'list' ? `[${fallback}]` : fallback;
      return [`${short ? `  -${short}, ` : '      '}--${name}${type === 'bool' ? `[=${value}]` : `=${value}`}`, about];
    }),
  );
}

/** Of a command, a group, or with an empty path of etcdctl itself. */
export function help(path: string): string {
  const command = [...groups, ...commands].find((known) => known.path === path);
  const below = commands.filter((known) => path === '' || known.path.startsWith(`${path} `));
  const parts = [
    `NAME:\n  ${path === '' ? 'etcdctl - A simple command line client for etcd3.' : `${path} - ${command!.about}`}\n`,
    `USAGE:\n  ${['etcdctl', path, command?.args, '[flags]'].filter(Boolean).join(' ')}\n`,
  ];
  if (path === '') parts.push(`VERSION:\n  ${etcdVersion}\n`);
  if (below.length > 0) {
    parts.push(`API VERSION:\n  3.6\n`);
    parts.push(
      `COMMANDS:\n${tabbed(below.map(({ path: full, about }) => [`  ${path === '' ? full : full.slice(path.length + 1)}`, about]))}`,
    );
  }
  const own: Flag = { name: 'help', short: 'h', type: 'bool', default: 'false', about: `help for ${path.split(' ').at(-1) || 'etcdctl'}` };
  const local = [...(path === '' ? globalFlags : (command?.flags ?? [])), own].sort((a, b) => (a.name < b.name ? -1 : 1));
  parts.push(`OPTIONS:\n${options(local)}`);
  if (path !== '') parts.push(`GLOBAL OPTIONS:\n${options(globalFlags)}`);
  return `${parts.join('\n')}\n`;
}
