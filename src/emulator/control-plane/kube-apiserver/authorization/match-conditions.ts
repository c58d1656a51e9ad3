/** Conditions in CEL under which a webhook is asked whether a request is allowed. Upstream: apiserver/pkg/authorization/cel. */
import {
  bool,
  CelError,
  compile,
  environment,
  fromJson,
  listOf,
  mapOf,
  objectType,
  string,
  typeText,
} from '../../../machinery/cel/index.ts';
import type { Program } from '../../../machinery/cel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';

/** One condition, compiled. */
export interface Condition {
  readonly source: string;
  readonly program: Program;
}

const makeTypes = () => {
  const requirement = objectType('kubernetes.SelectorRequirement', [
    ['key', string],
    ['operator', string],
    ['values', listOf(string)],
  ]);
  const selector = (name: string) =>
    objectType(name, [
      ['rawSelector', string],
      ['requirements', listOf(requirement)],
    ]);
  const request = objectType('kubernetes.SubjectAccessReviewSpec', [
    [
      'resourceAttributes',
      objectType('kubernetes.ResourceAttributes', [
        ['namespace', string],
        ['verb', string],
        ['group', string],
        ['version', string],
        ['resource', string],
        ['subresource', string],
        ['name', string],
        ['fieldSelector', selector('kubernetes.FieldSelectorAttributes')],
        ['labelSelector', selector('kubernetes.LabelSelectorAttributes')],
      ]),
    ],
    [
      'nonResourceAttributes',
      objectType('kubernetes.NonResourceAttributes', [
        ['path', string],
        ['verb', string],
      ]),
    ],
    ['user', string],
    ['groups', listOf(string)],
    ['extra', mapOf(string, listOf(string))],
    ['uid', string],
  ]);
  return { request, environment: environment({ request }) };
};
let made: ReturnType<typeof makeTypes> | undefined;
const types = (): ReturnType<typeof makeTypes> => (made ??= makeTypes());

export function compileCondition(source: string): Condition | { readonly problem: string } {
  const result = compile(source, types().environment);
  if ('issues' in result) return { problem: `compilation failed: ${result.issues}` };
  const { program } = result;
  return program.type === bool ? { source, program } : { problem: `must evaluate to bool but got ${typeText(program.type)}` };
}

/** A condition that is false decides; else an error is an error (matcher.go). */
export function matches(conditions: readonly Condition[], spec: object): { readonly matches: boolean } | { readonly error: string } {
  if (conditions.length === 0) return { matches: true };
  const request = fromJson(complete(spec), types().request);
  const errors: string[] = [];
  for (const { source, program } of conditions) {
    try {
      if (program.evaluate((name) => (name === 'request' ? request : undefined)).value === false) return { matches: false };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      errors.push(`cel evaluation error: expression '${source}' resulted in error: ${error.message}`);
    }
  }
  return errors.length > 0 ? { error: aggregateText(errors) } : { matches: true };
}

const empty = { namespace: '', verb: '', group: '', version: '', resource: '', subresource: '', name: '' };

/** Texts that are empty are there all the same. */
function complete(spec: { readonly resourceAttributes?: object; readonly uid?: string; readonly extra?: object }): object {
  return { uid: '', extra: {}, ...spec, ...(spec.resourceAttributes && { resourceAttributes: { ...empty, ...spec.resourceAttributes } }) };
}
