/** Tab completion: commands, files, variables, and what programs say about their own arguments. */
import { basename } from '../../../emulator/kernel/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { builtins } from '../builtins/index.ts';
import type { Shell } from '../interpreter.ts';
import type { LineCompletion } from '../line-editor/completion-list.ts';
import { backslashed } from '../quoting.ts';
import { wordAtCursor } from './command-line.ts';
import type { WordAtCursor } from './command-line.ts';
import { completerOf } from './completer.ts';
import type { CompletionContext } from './completer.ts';

export { withCompleter } from './completer.ts';
export type { Completer, CompletionContext } from './completer.ts';

const keywords = ['if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', 'function', 'time'];
const variableBuiltins = new Set(['export', 'unset', 'local', 'declare', 'typeset', 'readonly']);
const commandBuiltins = new Set(['type', 'which', 'command', 'man', 'exec', 'hash']);

/** Paths that begin with a prefix, directories with a slash at the end. */
function filesWith(shell: Shell, prefix: string, { onlyDirectories = false } = {}): string[] {
  const slash = prefix.lastIndexOf('/');
  const typed = prefix.slice(0, slash + 1);
  const home = shell.get('HOME') ?? '/root';
  const directory = shell.sys.path(typed.replace(/^~(?=\/)/, home) || '.');
  const inode = shell.sys.fs.find(directory);
  if (inode?.kind !== 'directory') return [];
  const name = prefix.slice(slash + 1);
  return shell.sys.fs.list(directory).flatMap((entry) => {
    if (!entry.startsWith(name) || (entry.startsWith('.') && !name.startsWith('.'))) return [];
    const isDirectory = shell.sys.fs.find(`${directory === '/' ? '' : directory}/${entry}`)?.kind === 'directory';
    return isDirectory ? [`${typed}${entry}/`] : onlyDirectories ? [] : [`${typed}${entry}`];
  });
}

function commandsWith(shell: Shell, prefix: string): string[] {
  if (prefix.includes('/')) {
    return filesWith(shell, prefix).filter(
      (path) => path.endsWith('/') || ((shell.sys.fs.find(shell.sys.path(path))?.mode ?? 0) & 0o111) !== 0,
    );
  }
  const names = new Set([...builtins.keys(), ...shell.state.aliases.keys(), ...shell.state.functions.keys(), ...keywords]);
  for (const directory of (shell.get('PATH') ?? '').split(':')) {
    const path = shell.sys.path(directory);
    if (shell.sys.fs.find(path)?.kind !== 'directory') continue;
    for (const name of shell.sys.fs.list(path)) if (name.startsWith(prefix)) names.add(name);
  }
  return [...names].filter((name) => name.startsWith(prefix)).sort();
}

/** The words of the command after its alias has been put in. */
function withoutAlias(shell: Shell, words: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  let result = words;
  for (
    let alias = shell.state.aliases.get(result[0] ?? '');
    alias !== undefined && !seen.has(result[0]!);
    alias = shell.state.aliases.get(result[0] ?? '')
  ) {
    seen.add(result[0]!);
    result = [...alias.trim().split(/\s+/), ...result.slice(1)];
  }
  return result;
}

function* candidatesFor(shell: Shell, at: WordAtCursor): Call<readonly string[]> {
  const { current, isRedirect, quote } = at;
  const variable = quote === "'" ? null : /^(.*)\$(\{?)(\w*)$/s.exec(current);
  if (variable) {
    const [, before, brace, name] = variable as unknown as [string, string, string, string];
    return shell.state.variables.names(name).map((found) => `${before}$${brace}${found}${brace ? '}' : ''}`);
  }
  if (isRedirect) return filesWith(shell, current);
  const words = withoutAlias(shell, at.words);
  const command = words[0];
  if (command === undefined) return commandsWith(shell, current);
  if (command === 'cd' || command === 'pushd' || command === 'rmdir') return filesWith(shell, current, { onlyDirectories: true });
  if (variableBuiltins.has(command)) return shell.state.variables.names(current);
  if (commandBuiltins.has(command) && words.length === 1) return commandsWith(shell, current);
  if (command === 'alias' || command === 'unalias') return [...shell.state.aliases.keys()].sort();
  if (/^(fg|bg|jobs|disown|kill)$/.test(command) && current.startsWith('%')) return shell.jobs.all.map((job) => `%${job.id}`);
  const path = shell.sys.which(command, shell.get('PATH'));
  const inode = path === undefined ? undefined : shell.sys.fs.find(path);
  const completer = inode?.kind === 'file' && inode.program ? completerOf(inode.program) : undefined;
  if (!completer) return filesWith(shell, current);
  const context: CompletionContext = {
    sys: shell.sys,
    words,
    current,
    variable: (name) => shell.get(name),
    files: (prefix, options) => filesWith(shell, prefix, options),
  };
  return yield* completer(context);
}

/** What Tab finds for a line up to the cursor. */
export function* completeLine(shell: Shell, beforeCursor: string): Call<LineCompletion> {
  const at = wordAtCursor(beforeCursor);
  const found = yield* candidatesFor(shell, at);
  const isVariable = at.quote !== "'" && /\$\{?\w*$/.test(at.current);
  const unique = new Map<string, string | undefined>();
  for (const candidate of found) {
    const [word = '', description] = candidate.split('\t');
    if (word.startsWith(at.current)) unique.set(word, description);
  }
  return {
    start: at.start,
    candidates: [...unique].map(([word, description]) => {
      const isOpen = /[/=:]$/.test(word);
      const written = at.quote
        ? at.quote + word
        : isVariable
          ? word
          : word.startsWith('~/')
            ? `~${backslashed(word.slice(1))}`
            : backslashed(word);
      return { written, shown: shownName(word), description, suffix: isOpen ? '' : `${at.quote} ` };
    }),
  };
}

/** Paths are listed by their last part. */
function shownName(word: string): string {
  if (!word.includes('/') || word.startsWith('-')) return word;
  return word.endsWith('/') ? `${basename(word.slice(0, -1))}/` : basename(word);
}
