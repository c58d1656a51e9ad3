import { Errno, absolute } from '../../../emulator/kernel/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Maybe, Shell } from '../interpreter.ts';

const stacks = new WeakMap<Shell, readonly string[]>();

function* go(shell: Shell, name: string, target: string, { physical = false } = {}): Call<number> {
  try {
    const from = shell.get('PWD') ?? shell.sys.cwd;
    shell.sys.chdir(physical ? shell.sys.fs.resolve(shell.sys.path(target)) : target);
    shell.set('OLDPWD', from);
    shell.set('PWD', shell.sys.cwd);
    return 0;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return yield* shell.complain(`${name}: ${target}: ${error.message}`);
  }
}

export function* changeDirectory(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  let physical = false;
  while (args[0] === '-P' || args[0] === '-L' || args[0] === '--') physical = args.shift() === '-P' || physical;
  const [target] = args;
  if (args.length > 1) return yield* shell.complain('cd: too many arguments');
  if (target === undefined) {
    const home = shell.get('HOME');
    return home === undefined ? yield* shell.complain('cd: HOME not set') : yield* go(shell, 'cd', home);
  }
  if (target === '-') {
    const before = shell.get('OLDPWD');
    if (before === undefined) return yield* shell.complain('cd: OLDPWD not set');
    const status = yield* go(shell, 'cd', before);
    if (status === 0) yield* shell.sys.print(1, `${shell.sys.cwd}\n`);
    return status;
  }
  const candidates =
    /^\.{0,2}\//.test(target) || target === '.' || target === '..'
      ? []
      : (shell.get('CDPATH') ?? '').split(':').filter((path) => path !== '');
  for (const path of candidates) {
    const candidate = absolute(absolute(shell.sys.cwd, path), target);
    if (shell.sys.fs.find(candidate)?.kind !== 'directory') continue;
    const status = yield* go(shell, 'cd', candidate);
    yield* shell.sys.print(1, `${shell.sys.cwd}\n`);
    return status;
  }
  return yield* go(shell, 'cd', target, { physical });
}

export const printDirectory = (shell: Shell, [, option]: readonly string[]): Maybe<number> =>
  shell.print(`${option === '-P' ? shell.sys.fs.resolve(shell.sys.cwd) : shell.sys.cwd}\n`);

const shorten = (shell: Shell, path: string): string => {
  const home = shell.get('HOME') ?? '/root';
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
};

export const dirs = (shell: Shell, [, option]: readonly string[]): Maybe<number> => {
  if (option === '-c') {
    stacks.delete(shell);
    return 0;
  }
  const all = [shell.sys.cwd, ...(stacks.get(shell) ?? [])].map((path) => shorten(shell, path));
  return shell.print(option === '-v' ? all.map((path, i) => `${String(i).padStart(2)}  ${path}\n`).join('') : `${all.join(' ')}\n`);
};

export function* pushd(shell: Shell, [, target]: readonly string[]): Call<number> {
  const stack = stacks.get(shell) ?? [];
  const before = shell.sys.cwd;
  const to = target ?? stack[0];
  if (to === undefined) return yield* shell.complain('pushd: no other directory');
  const status = yield* go(shell, 'pushd', to);
  if (status !== 0) return status;
  stacks.set(shell, [before, ...(target === undefined ? stack.slice(1) : stack)]);
  const printed = dirs(shell, []);
  return typeof printed === 'number' ? printed : yield* printed;
}

export function* popd(shell: Shell): Call<number> {
  const [to, ...rest] = stacks.get(shell) ?? [];
  if (to === undefined) return yield* shell.complain('popd: directory stack empty');
  const status = yield* go(shell, 'popd', to);
  if (status !== 0) return status;
  stacks.set(shell, rest);
  const printed = dirs(shell, []);
  return typeof printed === 'number' ? printed : yield* printed;
}
