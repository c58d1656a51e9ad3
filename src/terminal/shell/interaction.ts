/** A session at a terminal: start-up files, prompt, read, run, until the end of input. */
import { forEachChild } from 'unbash';
import type { ParsedScript, SyntaxNode } from 'unbash';
import { Errno, Interrupted, readAll, textOf, utf8 } from '../../emulator/kernel/index.ts';
import type { Call } from '../../emulator/kernel/index.ts';
import { completeLine } from './completion/index.ts';
import { ErrExit } from './interpreter.ts';
import type { Shell } from './interpreter.ts';
import { LineEditor } from './line-editor/editor.ts';
import { HistoryError, expandHistory } from './line-editor/history.ts';
import { defaultPrompt, promptText } from './line-editor/prompt.ts';
import { parse } from './parse.ts';

const maxHistory = 1000;

export function* interact(shell: Shell): Call<number> {
  const { sys } = shell;
  shell.isInteractive = true;
  shell.hasJobControl = true;
  sys.onSignal('INT', 'catch');
  sys.onSignal('WINCH', 'catch');
  for (const signal of ['TERM', 'TSTP', 'TTIN', 'TTOU', 'QUIT'] as const) sys.onSignal(signal, 'shield');
  sys.setForeground(sys.pgid);
  if (shell.get('PS1') === undefined) shell.set('PS1', defaultPrompt(shell));
  if (shell.get('PS2') === undefined) shell.set('PS2', '> ');
  shell.state.shopt.expand_aliases = true;
  yield* startUp(shell);
  loadHistory(shell);
  const editor = new LineEditor(sys, shell.history, (beforeCursor) => completeLine(shell, beforeCursor));
  for (;;) {
    try {
      const text = yield* readCommand(shell, editor);
      if (text === undefined) break;
      if (text !== '') yield* shell.source(text);
    } catch (error) {
      if (error instanceof ErrExit) break;
      if (!(error instanceof Interrupted)) throw error;
      shell.noteSignals();
      shell.reset();
    }
    if (shell.flow?.kind === 'interrupt') {
      shell.state.status = 130;
      yield* sys.print(2, '\n');
    }
    shell.flow = undefined;
  }
  yield* sys.print(2, shell.isLogin ? 'logout\n' : 'exit\n');
  yield* shell.runExitTrap();
  return shell.state.status;
}

function* startUp(shell: Shell): Call<void> {
  const home = shell.get('HOME') ?? '/root';
  const isBash = shell.state.name.endsWith('bash');
  const files = shell.isLogin
    ? ['/etc/profile', [`${home}/.bash_profile`, `${home}/.bash_login`, `${home}/.profile`]]
    : isBash
      ? ['/etc/bash.bashrc', `${home}/.bashrc`]
      : [];
  for (const file of files) {
    // Of the login files only the first that is there counts.
    const path = typeof file === 'string' ? file : file.find((candidate) => shell.sys.fs.find(candidate));
    if (path === undefined || shell.sys.fs.find(path)?.kind !== 'file') continue;
    const fd = shell.sys.open(path, 'read');
    const text = textOf(yield* readAll(shell.sys, fd));
    shell.sys.fds.close(fd);
    yield* shell.source(text, `${path}: `);
    shell.flow = undefined;
  }
}

/** Reads lines until they make a command. Undefined at the end of input, '' when there is nothing to run. */
function* readCommand(shell: Shell, editor: LineEditor): Call<string | undefined> {
  const { sys } = shell;
  const { status } = shell.state;
  for (const line of shell.jobs.report()) yield* sys.print(2, `${line}\n`);
  const hook = shell.get('PROMPT_COMMAND');
  if (hook) yield* shell.source(hook);
  shell.state.status = status;
  for (let pending = ''; ; ) {
    const prompt = yield* promptText(shell, shell.get(pending === '' ? 'PS1' : 'PS2') ?? '');
    const result = yield* editor.readLine(prompt);
    if (result.type === 'interrupt') {
      shell.state.status = 130;
      return '';
    }
    if (result.type === 'end') {
      if (pending !== '') return pending;
      if (!shell.jobs.hasStopped || shell.warnedOfJobs) return undefined;
      shell.warnedOfJobs = true;
      yield* sys.print(2, 'There are stopped jobs.\n');
      return '';
    }
    // What is quoted from a line above stays as it is.
    const isLiteral = pending !== '' && isInLiteral(parse(pending));
    const line = isLiteral ? result.text : yield* withHistory(shell, result.text);
    if (line === undefined) return '';
    pending += `${line}\n`;
    if (pending.trim() === '') return '';
    if (isIncomplete(parse(pending), pending)) continue;
    remember(shell, pending.replace(/\n$/, ''));
    return pending;
  }
}

/** The line with `!!` and its like put in, which is then shown. Undefined when there is no such event. */
function* withHistory(shell: Shell, line: string): Call<string | undefined> {
  try {
    const expanded = expandHistory(line, shell.history);
    if (expanded === undefined) return line;
    yield* shell.sys.print(1, `${expanded}\n`);
    return expanded;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    yield* shell.sys.print(2, `${shell.state.name}: ${error.message}\n`);
    return undefined;
  }
}

function historyFile(shell: Shell): string | undefined {
  if (!shell.state.name.endsWith('bash')) return undefined;
  return shell.get('HISTFILE') ?? `${shell.get('HOME') ?? '/root'}/.bash_history`;
}

function loadHistory(shell: Shell): void {
  const path = historyFile(shell);
  const inode = path === undefined ? undefined : shell.sys.fs.find(path);
  if (inode?.kind !== 'file') return;
  const lines = textOf(inode.data)
    .split('\n')
    .filter((line) => line !== '');
  shell.history.push(...lines.slice(-maxHistory));
}

/** Differs from bash: a command goes to ~/.bash_history when it is run, not when the shell exits, so that a reload keeps it. */
function remember(shell: Shell, text: string): void {
  if (text.startsWith(' ') || text === shell.history.at(-1)) return;
  shell.history.push(text);
  if (shell.history.length > maxHistory) shell.history.shift();
  const path = historyFile(shell);
  if (path === undefined) return;
  try {
    shell.sys.fs.open(path, 'append').write(utf8(`${text}\n`));
  } catch (error) {
    if (!(error instanceof Errno)) throw error; // A history that cannot be kept is no reason to stop.
  }
}

/** Whether more lines could complete the input. unbash has no flag for it, and none of its own for a here-document. */
export function isIncomplete(script: ParsedScript, source: string): boolean {
  if (/(^|[^\\])(\\\\)*\\\n$/.test(source)) return true;
  const end = source.trimEnd().length;
  if (script.errors?.some((e) => e.message.startsWith('unterminated') || (e.pos >= end && e.message !== 'expected redirect target')))
    return true;
  return isHereDocumentOpen(script);
}

/** Whether the next line belongs to a here-document or to a text in single quotes. */
function isInLiteral(script: ParsedScript): boolean {
  return isHereDocumentOpen(script) || (script.errors?.some((e) => e.message === 'unterminated single quote') ?? false);
}

function isHereDocumentOpen(script: ParsedScript): boolean {
  let isOpen = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'HereDoc' && !node.closing) isOpen = true;
    else if (!isOpen) forEachChild(node, visit);
  };
  visit(script);
  return isOpen;
}
