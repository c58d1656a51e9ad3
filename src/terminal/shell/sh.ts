/**
 * The shell and the everyday programs: what answers in the learner's terminal, in `kubectl exec`, and in a container's
 * `sh -c`.
 *
 * - `sh` (also `bash`) is one interpreter on unbash's syntax tree. Builtins stand in `builtins/`, one name a line in its
 *   index; programs in `programs/`, likewise.
 * - Everything is a process on the emulator's kernel: it streams, can be stopped and killed at any step, and an endless
 *   one costs virtual time, never a frozen page.
 * - A program completes its own arguments by `withCompleter(program, completer)`; the shell finds it through PATH.
 * - Messages, formats and exit codes are those of bash 5.2, GNU coreutils, sed, mawk and jq 1.7; `transcripts/` holds what
 *   was compared with them.
 *
 * Absent: `select` and `coproc`, users other than root, 64-bit integers (numbers are exact up to 2^53).
 */
import { Errno, readAll, textOf } from '../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { interact } from './interaction.ts';
import { Shell } from './interpreter.ts';
import { runStandardInput } from './standard-input.ts';
import { createState, optionLetters } from './state.ts';

interface Invocation {
  command: string | undefined;
  readsStdin: boolean;
  isInteractive: boolean | undefined;
  isLogin: boolean;
  readonly settings: string[];
  rest: readonly string[];
}

function parseArguments(argv: readonly string[]): Invocation | { readonly error: string } {
  const invocation: Invocation = {
    command: undefined,
    readsStdin: false,
    isInteractive: undefined,
    isLogin: argv[0]?.startsWith('-') === true,
    settings: [],
    rest: [],
  };
  let takesCommand = false;
  let i = 1;
  for (; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--' || arg === '-') {
      i++;
      break;
    }
    if (arg === '--login') invocation.isLogin = true;
    else if (arg === '--norc' || arg === '--noprofile' || arg === '--posix') continue;
    else if (!/^[-+]./.test(arg)) break;
    else {
      for (const letter of arg.slice(1)) {
        if (letter === 'c') takesCommand = true;
        else if (letter === 's') invocation.readsStdin = true;
        else if (letter === 'i') invocation.isInteractive = true;
        else if (letter === 'l') invocation.isLogin = true;
        else if (letter === 'o') invocation.settings.push(arg[0] === '-' ? '-o' : '+o', argv[++i] ?? '');
        else if (letter in optionLetters) invocation.settings.push(`${arg[0]}${letter}`);
        else return { error: `${arg}: invalid option` };
      }
    }
  }
  invocation.rest = argv.slice(i);
  if (takesCommand) {
    if (invocation.rest[0] === undefined) return { error: '-c: option requires an argument' };
    invocation.command = invocation.rest[0];
    invocation.rest = invocation.rest.slice(1);
  }
  return invocation;
}

export const sh: Program = function* (sys) {
  const name = sys.argv[0] ?? 'sh';
  const invocation = parseArguments(sys.argv);
  if ('error' in invocation) {
    yield* sys.print(2, `${name}: ${invocation.error}\n`);
    return 2;
  }
  const { command, rest, settings } = invocation;
  if (command !== undefined) {
    const shell = createShell(sys, { name: rest[0] ?? name, positional: rest.slice(1), isScript: false }, invocation);
    return yield* start(shell, settings, command);
  }
  if (rest[0] !== undefined && !invocation.readsStdin) return yield* runScript(sys, name, invocation);
  const isInteractive = invocation.isInteractive ?? sys.isatty(0);
  const shell = createShell(sys, { name, positional: rest, isScript: false }, { ...invocation, isInteractive });
  if (isInteractive && sys.tty) return yield* interact(shell);
  yield* applySettings(shell, settings);
  return yield* runStandardInput(shell);
};

function* runScript(sys: Sys, name: string, invocation: Invocation): Call<number> {
  const [path, ...positional] = invocation.rest;
  let text: string;
  try {
    const found = path!.includes('/') || sys.fs.find(sys.path(path!)) ? path! : (sys.which(path!) ?? path!);
    const fd = sys.open(found, 'read');
    text = textOf(yield* readAll(sys, fd));
    sys.fds.close(fd);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* sys.print(2, error.code === 'EISDIR' ? `${path}: ${path}: Is a directory\n` : `${name}: ${path}: ${error.message}\n`);
    return error.code === 'ENOENT' ? 127 : 126;
  }
  if (text.startsWith('\x7fELF')) {
    yield* sys.print(2, `${path}: ${path}: cannot execute binary file\n`);
    return 126;
  }
  return yield* start(createShell(sys, { name: path!, positional, isScript: true }, invocation), invocation.settings, text);
}

function createShell(
  sys: Sys,
  options: { readonly name: string; readonly positional: readonly string[]; readonly isScript: boolean },
  invocation: Pick<Invocation, 'isInteractive' | 'isLogin'>,
): Shell {
  const shell = new Shell(sys, createState(sys, { ...options, isInteractive: invocation.isInteractive === true }));
  shell.isLogin = invocation.isLogin;
  return shell;
}

function* start(shell: Shell, settings: readonly string[], text: string): Call<number> {
  yield* applySettings(shell, settings);
  return yield* shell.main(text);
}

function* applySettings(shell: Shell, settings: readonly string[]): Call<void> {
  if (settings.length === 0) return;
  const result = shell.invoke(['set', ...settings]);
  if (typeof result !== 'number') yield* result;
}
