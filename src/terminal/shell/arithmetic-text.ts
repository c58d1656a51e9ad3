/** Arithmetic that stands in text: subscripts, `let`, `${x:1+2}`, values of variables, `[[ a -eq b ]]`. */
import { parse } from 'unbash';
import type { ArithmeticExpression } from 'unbash';

const maxEntries = 500;
const parsed = new Map<string, ArithmeticExpression | undefined>();

/** Undefined for text that is no expression. */
export function parseArithmetic(text: string): ArithmeticExpression | undefined {
  if (parsed.has(text)) return parsed.get(text);
  const script = parse(`((${text}))`);
  const command = script.commands[0]?.command;
  const isWhole = script.commands.length === 1 && !script.errors && command?.type === 'ArithmeticCommand';
  const expression = isWhole ? command.expression : undefined;
  if (parsed.size >= maxEntries) parsed.delete(parsed.keys().next().value!);
  parsed.set(text, expression);
  return expression;
}
