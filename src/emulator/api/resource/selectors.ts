/** What devices are chosen by: dynamic-resource-allocation/cel/compile.go, validateSelector of pkg/apis/resource/validation/validation.go. */
import { bool, compile, dyn, environment, mapOf, objectType, string } from '../../machinery/cel/index.ts';
import type { Environment } from '../../machinery/cel/index.ts';
import { typeText } from '../../machinery/cel/types.ts';
import { invalid, required, tooLong, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import type { DeviceSelector } from '../generated/types.ts';

const mostSelectors = 32;
const longestExpression = 10 * 1024;

/** Made for the first expression: most clusters have none. Differs from Kubernetes: a capacity may be of any type. */
let known: Environment | undefined;
function deviceEnvironment(): Environment {
  const byDomain = mapOf(string, mapOf(string, dyn));
  known ??= environment({
    device: objectType('kubernetes.DRADevice', [
      ['driver', string],
      ['attributes', byDomain],
      ['capacity', byDomain],
    ]),
  });
  return known;
}

/** What is wrong with an expression. */
function problemOf(expression: string): string | undefined {
  const result = compile(expression, deviceEnvironment());
  if ('issues' in result) return `compilation failed: ${result.issues}`;
  const { type } = result.program;
  return type === bool || type === dyn ? undefined : `must evaluate to bool or the unknown type, not ${typeText(type)}`;
}

export function validateSelectors(selectors: readonly DeviceSelector[], path: FieldPath, errors: FieldError[]): void {
  if (selectors.length > mostSelectors) errors.push(tooMany(path, selectors.length, mostSelectors));
  for (const [i, { cel }] of selectors.entries()) {
    const at = path.index(i).child('cel');
    if (!cel) {
      errors.push(required(at));
      continue;
    }
    const { expression = '' } = cel;
    if (expression.length > longestExpression) errors.push(tooLong(at.child('expression'), longestExpression));
    else {
      const problem = problemOf(expression);
      if (problem !== undefined) errors.push(invalid(at.child('expression'), expression, problem));
    }
  }
}
