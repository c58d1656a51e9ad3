/** Limits and times that the shell tells about. */
import type { Maybe, Shell } from '../interpreter.ts';

const rows: readonly (readonly [flag: string, name: string, unit: string])[] = [
  ['c', 'core file size', 'blocks'],
  ['d', 'data seg size', 'kbytes'],
  ['f', 'file size', 'blocks'],
  ['l', 'max locked memory', 'kbytes'],
  ['m', 'max memory size', 'kbytes'],
  ['n', 'open files', ''],
  ['s', 'stack size', 'kbytes'],
  ['t', 'cpu time', 'seconds'],
  ['u', 'max user processes', ''],
  ['v', 'virtual memory', 'kbytes'],
];

/** Only the number of processes and the size of a filesystem are limited, and neither can be changed from inside. */
export function ulimit(shell: Shell, [, ...args]: readonly string[]): Maybe<number> {
  const flags = args
    .filter((arg) => /^-[a-zA-Z]+$/.test(arg))
    .join('')
    .replace(/[-SH]/g, '');
  const value = args.find((arg) => !arg.startsWith('-'));
  const unknown = [...flags].find((flag) => flag !== 'a' && !rows.some(([known]) => known === flag));
  if (unknown) return shell.complain(`ulimit: -${unknown}: invalid option`, 2);
  if (value !== undefined)
    return shell.complain(
      `ulimit: ${rows.find(([flag]) => flag === (flags[0] ?? 'f'))?.[1]}: cannot modify limit: Operation not permitted`,
    );
  const limit = (flag: string): string => (flag === 'u' ? String(shell.sys.machine.maxProcesses) : flag === 'c' ? '0' : 'unlimited');
  if (!flags.includes('a')) return shell.print(`${limit(flags[0] ?? 'f')}\n`);
  return shell.print(
    rows
      .map(
        ([flag, name, unit]) => `${name.padEnd(28)}${(unit === '' ? `(-${flag})` : `(${unit}, -${flag})`).padStart(16)} ${limit(flag)}\n`,
      )
      .join(''),
  );
}

export function umask(shell: Shell, [, value]: readonly string[]): Maybe<number> {
  if (value === undefined) return shell.print(`${shell.state.umask.toString(8).padStart(4, '0')}\n`);
  if (!/^[0-7]{1,4}$/.test(value)) return shell.complain(`umask: ${value}: octal number out of range`);
  shell.state.umask = Number.parseInt(value, 8);
  shell.sys.umask = shell.state.umask;
  return 0;
}

export const times = (shell: Shell): Maybe<number> => shell.print('0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
