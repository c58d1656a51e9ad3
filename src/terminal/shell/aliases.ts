import type { Command, Word } from 'unbash';
import type { CompoundList } from 'unbash';
import { parse } from './parse.ts';

const rewritten = new WeakMap<Command, { readonly key: string; readonly node: Command | CompoundList }>();
const maxAliases = 20;

/** An unquoted word of letters only, as an alias's name must be written. */
function plain(word: Word | undefined): string | undefined {
  return word && !word.parts && word.text === word.value ? word.text : undefined;
}

/**
 * A simple command with its alias put in. Differs from bash: aliases are put in when a command runs, not when it is read,
 * so one that opens a compound command (`alias begin='{'`) has no effect.
 */
export function withAlias(node: Command, aliases: ReadonlyMap<string, string>, seen: readonly string[] = []): Command | CompoundList {
  const name = plain(node.name);
  const value = name === undefined || seen.includes(name) ? undefined : aliases.get(name);
  if (name === undefined || value === undefined || seen.length > maxAliases) return node;
  const key = `${seen.join(' ')}|${value}`;
  const known = rewritten.get(node);
  if (known?.key === key) return known.node;
  const { commands, errors } = parse(value);
  const last = commands.at(-1)?.command;
  if (errors || last?.type !== 'Command') return node;
  const suffix = value.endsWith(' ') ? withArgumentAlias(node, aliases) : node.suffix;
  const merged = withAlias(commandOf({ ...last, prefix: [...node.prefix, ...last.prefix], suffix: [...last.suffix, ...suffix] }), aliases, [
    ...seen,
    name,
  ]);
  const result =
    commands.length === 1
      ? merged
      : listOf([
          ...commands.slice(0, -1),
          { ...commands.at(-1)!, command: merged.type === 'Command' ? merged : { type: 'BraceGroup', pos: 0, end: 0, body: merged } },
        ]);
  rewritten.set(node, { key, node: result });
  return result;
}

/** An alias that ends with a space makes the word after it subject to aliases too. */
function withArgumentAlias(node: Command, aliases: ReadonlyMap<string, string>): Command['suffix'] {
  const [first, ...rest] = node.suffix;
  const value = first?.type === 'Word' ? aliases.get(plain(first) ?? '') : undefined;
  const command = value === undefined ? undefined : parse(value).commands[0]?.command;
  return command?.type === 'Command' && command.name ? [command.name, ...command.suffix, ...rest] : node.suffix;
}

function listOf(commands: CompoundList['commands']): CompoundList {
  return { type: 'CompoundList', pos: 0, end: 0, commands };
}

/** The parser derives `args` and `redirects` lazily, which a copy of its node loses. */
function commandOf(node: Pick<Command, 'type' | 'pos' | 'end' | 'name' | 'prefix' | 'suffix'>): Command {
  const isArgument = (item: Command['suffix'][number]): item is Command['args'][number] =>
    item.type === 'Word' || item.type === 'Assignment';
  const isRedirect = (item: Command['suffix'][number] | Command['prefix'][number]): item is Command['redirects'][number] =>
    item.type !== 'Word' && item.type !== 'Assignment';
  return {
    ...node,
    args: node.suffix.filter(isArgument),
    redirects: [...node.prefix.filter(isRedirect), ...node.suffix.filter(isRedirect)],
  };
}
