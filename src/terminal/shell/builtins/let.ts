import { ArithmeticError, evaluateText } from '../arithmetic.ts';
import { arithmeticScope } from '../expansion.ts';
import type { Maybe, Shell } from '../interpreter.ts';

export function letExpression(shell: Shell, [, ...expressions]: readonly string[]): Maybe<number> {
  if (expressions.length === 0) return shell.complain('let: expression expected');
  let value = 0;
  try {
    for (const expression of expressions) value = evaluateText(expression, arithmeticScope(shell));
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    return shell.complain(`let: ${error.message}`);
  }
  return Number(value === 0);
}
