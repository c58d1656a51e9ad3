import { Errno, Interrupted } from '../../emulator/kernel/index.ts';
import { signalNumbers } from '../../emulator/kernel/index.ts';
import type { Signal, Call } from '../../emulator/kernel/index.ts';
import { formatPrintf } from './printf.ts';
import type { Maybe, Shell } from './interpreter.ts';
import { testArguments } from './test-expression.ts';

/** A builtin that cannot block returns its status; only the others are generators. */
export type Builtin = (shell: Shell, argv: readonly string[]) => Maybe<number>;

export const builtins: Readonly<Record<string, Builtin>> = Object.assign(Object.create(null), {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  echo(shell, [, ...args]) {
    const isBare = args[0] === '-n';
    return shell.print(args.slice(isBare ? 1 : 0).join(' ') + (isBare ? '' : '\n'));
  },
  printf: (shell, [, format = '', ...args]) => shell.print(formatPrintf(format, args)),
  pwd: (shell) => shell.print(`${shell.sys.cwd}\n`),
  cd(shell, [, path = '/root']) {
    try {
      shell.sys.chdir(path);
      return 0;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return shell.complain(`cd: ${path}: ${error.message}`);
    }
  },
  export(shell, [, ...args]) {
    for (const arg of args) {
      const [name = '', value] = split(arg);
      if (value !== undefined) shell.set(name, value);
      shell.state.exported.add(name);
    }
    return 0;
  },
  local(shell, [, ...args]) {
    if (!shell.locals) return shell.complain('local: can only be used in a function');
    for (const arg of args) {
      const [name = '', value = ''] = split(arg);
      if (!shell.locals.has(name)) shell.locals.set(name, shell.state.variables.get(name));
      shell.set(name, value);
    }
    return 0;
  },
  unset(shell, [, ...names]) {
    for (const name of names) shell.state.variables.delete(name), shell.state.functions.delete(name);
    return 0;
  },
  set(shell, [, ...args]) {
    if (args[0] === '-e' || args[0] === '+e') shell.state.isErrexit = args[0] === '-e';
    else shell.state.positional = args[0] === '--' ? args.slice(1) : args;
    return 0;
  },
  shift(shell, [, count = '1']) {
    shell.state.positional = shell.state.positional.slice(Number(count));
    return 0;
  },
  break: (shell, [, levels = '1']) => leave(shell, 'break', Number(levels)),
  continue: (shell, [, levels = '1']) => leave(shell, 'continue', Number(levels)),
  return(shell, [, status]) {
    shell.flow = { kind: 'return' };
    return status === undefined ? shell.state.status : Number(status);
  },
  *exit(shell, [, status]) {
    if (status !== undefined) shell.state.status = Number(status) & 255;
    yield* shell.runExitTrap();
    return shell.sys.exit(shell.state.status);
  },
  eval: (shell, [, ...args]) => shell.source(args.join(' ')),
  exec(shell, [, ...argv]) {
    if (argv[0] === undefined) return 0;
    const { program, argv: found } = shell.sys.load(argv[0], argv, shell.get('PATH'));
    return shell.sys.exec(program, found, shell.environment());
  },
  test: (shell, [, ...args]) => Number(!testArguments(shell.sys, args)),
  '[': (shell, [, ...args]) => (args.at(-1) === ']' ? Number(!testArguments(shell.sys, args.slice(0, -1))) : shell.complain("[: missing `]'")),
  read,
  wait,
  kill(shell, [, ...args]) {
    const name = args[0]?.startsWith('-') ? args.shift()!.replace(/^-(SIG|s)?/, '') : 'TERM';
    const signal = signalName(name === '' ? args.shift()! : name);
    if (!signal && name !== '0') return shell.complain(`kill: ${name}: invalid signal specification`);
    for (const pid of args) {
      try {
        if (signal) shell.sys.kill(Number(pid), signal);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        return shell.complain(`kill: (${pid}) - ${error.message}`);
      }
    }
    return 0;
  },
  trap(shell, [, action = '', ...names]) {
    for (const name of names) {
      const signal = name === 'EXIT' || name === '0' ? 'EXIT' : signalName(name.replace(/^SIG/, ''));
      if (!signal) return shell.complain(`trap: ${name}: invalid signal specification`);
      if (action === '-') shell.traps.delete(signal);
      else shell.traps.set(signal, action);
      if (signal !== 'EXIT') shell.sys.onSignal(signal, action === '-' ? 'default' : action === '' ? 'ignore' : 'catch');
    }
    return 0;
  },
} satisfies Record<string, Builtin>);

function* read(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const names = args.filter((arg) => !arg.startsWith('-'));
  let line = '';
  for (let char; (char = yield* shell.sys.read(0, 1)) !== '\n'; line += char) {
    if (char === '' && line === '') return 1;
    if (char === '') break;
  }
  const ifs = shell.get('IFS') ?? ' \t\n';
  const separator = new RegExp(`[${ifs.replace(/[\\\]^-]/g, '\\$&')}]+`);
  for (const [i, name] of (names.length > 0 ? names : ['REPLY']).entries()) {
    const rest: string = i === 0 && ifs.includes(' ') ? line.trim() : line;
    const [first = '', ...more] = i < names.length - 1 ? rest.split(separator) : [rest];
    shell.set(name, first);
    line = rest.slice(first.length).replace(more.length > 0 ? separator : '', '');
  }
  return 0;
}

/** A trapped signal ends `wait` at once, unlike the wait for a foreground command. */
function* wait(shell: Shell, [, ...pids]: readonly string[]): Call<number> {
  try {
    if (pids.length === 0) for (;;) yield* shell.sys.wait();
    let status = 0;
    for (const pid of pids) status = (yield* shell.sys.wait(Number(pid))).code;
    return status;
  } catch (error) {
    if (error instanceof Errno && error.code === 'ECHILD') return pids.length === 0 ? 0 : 127;
    if (!(error instanceof Interrupted)) throw error;
    shell.noteSignals();
    return 130;
  }
}

function leave(shell: Shell, kind: 'break' | 'continue', levels: number): number {
  shell.flow = { kind, levels };
  return 0;
}

function split(assignment: string): [name: string, value?: string] {
  const equals = assignment.indexOf('=');
  return equals < 0 ? [assignment] : [assignment.slice(0, equals), assignment.slice(equals + 1)];
}

function signalName(name: string): Signal | undefined {
  if (name in signalNumbers) return name as Signal;
  return (Object.keys(signalNumbers) as Signal[]).find((signal) => signalNumbers[signal] === Number(name));
}
