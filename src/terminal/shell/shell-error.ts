import { ArithmeticError } from './arithmetic.ts';
import { ExpansionError } from './scope.ts';
import { ReadOnlyError } from './variables.ts';

/** Whether an error is one of the learner's, which the shell reports, and not one of ours. */
export function isShellError(error: unknown): error is Error {
  return error instanceof ExpansionError || error instanceof ArithmeticError || error instanceof ReadOnlyError;
}
