import type { Maybe, Shell } from '../interpreter.ts';

export function history(shell: Shell, [, ...args]: readonly string[]): Maybe<number> {
  const [option, value] = args;
  if (option === '-c') {
    shell.history.length = 0;
    return 0;
  }
  if (option === '-d') {
    const index = Number(value);
    if (!(index >= 1 && index <= shell.history.length)) return shell.complain(`history: ${value ?? ''}: history position out of range`);
    shell.history.splice(index - 1, 1);
    return 0;
  }
  if (option?.startsWith('-')) return shell.complain(`history: ${option}: invalid option`, 2);
  if (option !== undefined && !/^\d+$/.test(option)) return shell.complain(`history: ${option}: numeric argument required`);
  const from = option === undefined ? 0 : Math.max(0, shell.history.length - Number(option));
  return shell.print(
    shell.history
      .slice(from)
      .map((line, i) => `${String(from + i + 1).padStart(5)}  ${line}\n`)
      .join(''),
  );
}
