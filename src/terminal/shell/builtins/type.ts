/** How a name would be understood: type, command, builtin, hash. */
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { quoted } from '../quoting.ts';
import type { Builtin } from './index.ts';

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'in',
  'function',
  'select',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
]);

type Kind = 'alias' | 'keyword' | 'function' | 'builtin' | 'file';

function kindOf(shell: Shell, name: string): { readonly kind: Kind; readonly path?: string } | undefined {
  if (shell.state.aliases.has(name)) return { kind: 'alias' };
  if (keywords.has(name)) return { kind: 'keyword' };
  if (shell.state.functions.has(name)) return { kind: 'function' };
  if (shell.builtins.has(name)) return { kind: 'builtin' };
  const path = shell.sys.which(name, shell.get('PATH'));
  return path === undefined ? undefined : { kind: 'file', path };
}

function sourceOf(shell: Shell, name: string): string {
  const { body, text } = shell.state.functions.get(name)!;
  return `${name} () \n${text.slice(body.pos, body.end)}`;
}

function describe(shell: Shell, name: string, kind: Kind, path: string | undefined): string {
  switch (kind) {
    case 'alias':
      return `${name} is aliased to \`${shell.state.aliases.get(name)}'`;
    case 'keyword':
      return `${name} is a shell keyword`;
    case 'function':
      return `${name} is a function\n${sourceOf(shell, name)}`;
    case 'builtin':
      return `${name} is a shell builtin`;
    case 'file':
      return `${name} is ${path}`;
  }
}

export function* type(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const option = /^-[tpa]$/.test(args[0] ?? '') ? args.shift() : undefined;
  let status = 0;
  for (const name of args) {
    const found = kindOf(shell, name);
    if (!found) {
      if (option === undefined || option === '-a') yield* shell.complain(`type: ${name}: not found`);
      status = 1;
    } else if (option === '-t') yield* shell.sys.print(1, `${found.kind}\n`);
    else if (option === '-p') yield* shell.sys.print(1, found.path ? `${found.path}\n` : '');
    else yield* shell.sys.print(1, `${describe(shell, name, found.kind, found.path)}\n`);
  }
  return status;
}

export function* command(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const option = /^-[vVp]$/.test(args[0] ?? '') ? args.shift() : undefined;
  if (option !== '-v' && option !== '-V') {
    const result = shell.invoke(args, { skipFunctions: true });
    return typeof result === 'number' ? result : yield* result;
  }
  let status = 0;
  for (const name of args) {
    const found = kindOf(shell, name);
    if (!found) {
      if (option === '-V') yield* shell.complain(`command: ${name}: not found`);
      status = 1;
    } else if (option === '-V') yield* shell.sys.print(1, `${describe(shell, name, found.kind, found.path)}\n`);
    else
      yield* shell.sys.print(
        1,
        found.kind === 'alias' ? `alias ${name}=${quoted(shell.state.aliases.get(name)!)}\n` : `${found.path ?? name}\n`,
      );
  }
  return status;
}

export function* builtin(shell: Shell, [, ...argv]: readonly string[]): Call<number> {
  if (argv[0] === undefined) return 0;
  const found = shell.builtins.get(argv[0]) as Builtin | undefined;
  if (!found) return yield* shell.complain(`builtin: ${argv[0]}: not a shell builtin`);
  const result = found(shell, argv);
  return typeof result === 'number' ? result : yield* result;
}

/** Commands are looked up afresh each time, so there is nothing to forget or to list. */
export function* hash(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  if (args.length === 0) {
    yield* shell.sys.print(1, `${shell.state.name}: hash table empty\n`.replace(/^.*?: /, 'hash: '));
    return 0;
  }
  for (const name of args) {
    if (name.startsWith('-') || shell.sys.which(name, shell.get('PATH'))) continue;
    return yield* shell.complain(`hash: ${name}: not found`);
  }
  return 0;
}
