import { ArithmeticError } from '../arithmetic.ts';
import { TestError, testArguments } from '../conditional.ts';
import type { Maybe, Shell } from '../interpreter.ts';

function run(shell: Shell, name: string, args: readonly string[]): Maybe<number> {
  try {
    return Number(!testArguments(shell, args));
  } catch (error) {
    if (error instanceof TestError || error instanceof ArithmeticError) return shell.complain(`${name}: ${error.message}`, 2);
    throw error;
  }
}

export const test = (shell: Shell, [, ...args]: readonly string[]): Maybe<number> => run(shell, 'test', args);

export const bracket = (shell: Shell, [, ...args]: readonly string[]): Maybe<number> =>
  args.at(-1) === ']' ? run(shell, '[', args.slice(0, -1)) : shell.complain("[: missing `]'", 2);
