/** `(( … ))` and `[[ … ]]` as commands. */
import type { PipelineNode, TestCommand } from 'unbash';
import type { Call } from '../../emulator/kernel/index.ts';
import { ArithmeticError, evaluate } from './arithmetic.ts';
import { testExpression } from './conditional.ts';
import { arithmeticScope } from './expansion.ts';
import type { Shell } from './interpreter.ts';

export function* runArithmetic(shell: Shell, node: Extract<PipelineNode, { type: 'ArithmeticCommand' }>): Call<number> {
  yield* shell.substitute(node);
  if (shell.state.options.xtrace) yield* shell.trace(`((  ${node.body.trim()}  ))`);
  try {
    return Number(!node.expression || evaluate(node.expression, arithmeticScope(shell)) === 0);
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    return yield* shell.complain(`((: ${node.body.trim()}: ${error.message}`);
  }
}

export function* runTest(shell: Shell, node: TestCommand): Call<number> {
  yield* shell.substitute(node);
  if (shell.state.options.xtrace) yield* shell.trace(shell.text.slice(node.pos, node.end));
  return Number(!testExpression(shell, node.expression));
}
