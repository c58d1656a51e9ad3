/** What changes the course of a script: break, continue, return, exit, exec, eval, source, shift. */
import { Errno, textOf } from '../../../emulator/kernel/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { readAll } from '../../../emulator/kernel/index.ts';
import type { Maybe, Shell } from '../interpreter.ts';

export const colon = (): number => 0;

function leaveLoop(shell: Shell, kind: 'break' | 'continue', levels = '1'): Maybe<number> {
  if (shell.loopDepth === 0) return shell.complain(`${kind}: only meaningful in a \`for', \`while', or \`until' loop`, 0);
  if (!/^[1-9]\d*$/.test(levels))
    return shell.complain(`${kind}: ${levels}: ${/^-?\d+$/.test(levels) ? 'loop count out of range' : 'numeric argument required'}`);
  shell.flow = { kind, levels: Math.min(Number(levels), shell.loopDepth) };
  return 0;
}

export const breakLoop = (shell: Shell, [, levels]: readonly string[]): Maybe<number> => leaveLoop(shell, 'break', levels);
export const continueLoop = (shell: Shell, [, levels]: readonly string[]): Maybe<number> => leaveLoop(shell, 'continue', levels);

export function returnFrom(shell: Shell, [, status]: readonly string[]): Maybe<number> {
  if (shell.functionNames.length === 0 && shell.sourceDepth <= 1)
    return shell.complain("return: can only `return' from a function or sourced script", 2);
  if (status !== undefined && !/^-?\d+$/.test(status)) return shell.complain(`return: ${status}: numeric argument required`, 2);
  shell.flow = { kind: 'return' };
  return (shell.state.status = status === undefined ? shell.state.status : Number(status) & 255);
}

export function* exit(shell: Shell, [name, status]: readonly string[]): Call<number> {
  if (shell.isInteractive && !shell.isSubshell) {
    yield* shell.sys.print(2, shell.isLogin ? 'logout\n' : 'exit\n');
    if (shell.jobs.hasStopped && !shell.warnedOfJobs) {
      shell.warnedOfJobs = true;
      yield* shell.sys.print(2, 'There are stopped jobs.\n');
      return 1;
    }
  }
  if (status !== undefined && !/^-?\d+$/.test(status)) {
    yield* shell.complain(`${name}: ${status}: numeric argument required`);
    shell.state.status = 2;
  } else if (status !== undefined) shell.state.status = Number(status) & 255;
  yield* shell.runExitTrap();
  return shell.sys.exit(shell.state.status);
}

export const evaluateWords = (shell: Shell, [, ...args]: readonly string[]): Maybe<number> =>
  args.length === 0 ? 0 : shell.source(args.join(' '), 'eval: ');

export function* execute(shell: Shell, [, ...words]: readonly string[]): Call<number> {
  let argv = words;
  let isClean = false;
  let name: string | undefined;
  while (argv[0]?.startsWith('-') && argv[0] !== '--') {
    if (argv[0] === '-c') isClean = true;
    else if (argv[0] === '-a') name = (argv = argv.slice(1))[0];
    else return yield* shell.complain(`exec: ${argv[0]}: invalid option`, 2);
    argv = argv.slice(1);
  }
  if (argv[0] === '--') argv = argv.slice(1);
  if (argv[0] === undefined) return 0;
  try {
    const found = shell.sys.load(argv[0], [name ?? argv[0], ...argv.slice(1)], shell.get('PATH'));
    shell.sys.exec(found.program, found.argv, isClean ? new Map() : shell.environment());
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* shell.complain(
      error.code === 'ENOENT' && !argv[0].includes('/') ? `exec: ${argv[0]}: not found` : `${argv[0]}: ${error.message}`,
    );
    const status = error.code === 'ENOENT' ? 127 : 126;
    if (!shell.isInteractive) shell.sys.exit(status);
    return status;
  }
}

export function* source(shell: Shell, [name, path, ...args]: readonly string[]): Call<number> {
  if (path === undefined) {
    yield* shell.complain(`${name}: filename argument required`);
    yield* shell.sys.print(2, `${name}: usage: ${name} filename [arguments]\n`);
    return 2;
  }
  let text: string;
  try {
    const fd = shell.sys.open(path, 'read');
    text = textOf(yield* readAll(shell.sys, fd));
    shell.sys.fds.close(fd);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return yield* shell.complain(`${path}: ${error.message}`);
  }
  const { positional } = shell.state;
  if (args.length > 0) shell.state.positional = args;
  shell.sourceDepth++;
  let status = yield* shell.source(text, `${path}: `);
  shell.sourceDepth--;
  shell.state.positional = positional;
  if (shell.flow?.kind === 'return') {
    status = shell.state.status;
    shell.flow = undefined;
  }
  return status;
}

export function shift(shell: Shell, [, count = '1']: readonly string[]): Maybe<number> {
  if (!/^-?\d+$/.test(count)) return shell.complain(`shift: ${count}: numeric argument required`);
  const n = Number(count);
  if (n < 0) return shell.complain(`shift: ${count}: shift count out of range`);
  if (n > shell.state.positional.length) return 1;
  shell.state.positional = shell.state.positional.slice(n);
  return 0;
}
