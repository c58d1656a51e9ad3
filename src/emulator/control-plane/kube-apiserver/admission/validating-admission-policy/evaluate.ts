/** What a policy says of a request: its conditions, variables, validations and messages. Upstream: policy/validating/validator.go. */
import { compileExpression } from '../../../../api/admissionregistration/expressions.ts';
import type { CompiledExpression } from '../../../../api/admissionregistration/expressions.ts';
import type { ValidatingAdmissionPolicy, Validation } from '../../../../api/generated/types.ts';
import { bool, CelError, nullType, objectCostBudget, perCallLimit, string } from '../../../../machinery/cel/index.ts';
import type { Type, Value } from '../../../../machinery/cel/index.ts';
import type { CelMap } from '../../../../machinery/cel/values.ts';
import type { ApiServer } from '../../server.ts';
import { evaluateConditions, evaluationError, expressionInput } from '../expression-input.ts';
import type { ExpressionInput } from '../expression-input.ts';
import type { AdmissionAttributes } from '../plugin.ts';

export interface Denial {
  readonly message: string;
  readonly reason: string;
  /** Which of the policy's validations it was. */
  readonly index: number;
}

export interface Findings {
  readonly denials: readonly Denial[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that could not be worked out: they refuse the request, whatever the binding does with validations. */
  readonly failures: readonly string[];
}

const nothing: Findings = { denials: [], annotations: [], failures: [] };

interface CompiledPolicy {
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly validations: readonly {
    readonly validation: Validation;
    readonly expression: CompiledExpression;
    readonly message: CompiledExpression | undefined;
  }[];
  readonly annotations: readonly { readonly key: string; readonly source: string; readonly expression: CompiledExpression }[];
}

const compiled = new WeakMap<ValidatingAdmissionPolicy['spec'], CompiledPolicy>();
const longestMessage = 5 * 1024;
const longestAnnotation = 10 * 1024;

function compile(spec: ValidatingAdmissionPolicy['spec']): CompiledPolicy {
  const known = compiled.get(spec);
  if (known) return known;
  const hasParams = spec.paramKind !== undefined;
  const types: (readonly [string, Type])[] = [];
  const variables = new Map<string, CompiledExpression>();
  for (const { name, expression } of spec.variables ?? []) {
    const result = compileExpression(expression, { hasParams, hasAuthorizer: true, variables: [...types] }, []);
    variables.set(name, result);
    if ('program' in result) types.push([name, result.program.type]);
  }
  const declared = { hasParams, hasAuthorizer: true, variables: types };
  const validations = (spec.validations ?? []).map((validation) => ({
    validation,
    expression: compileExpression(validation.expression, declared, [bool]),
    message: validation.messageExpression
      ? compileExpression(validation.messageExpression, { ...declared, hasAuthorizer: false }, [string])
      : undefined,
  }));
  const annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
    key,
    source: valueExpression,
    expression: compileExpression(valueExpression, { ...declared, hasAuthorizer: false }, [string, nullType]),
  }));
  const made = { variables, validations, annotations };
  compiled.set(spec, made);
  return made;
}

/** One evaluation, with the budget that all expressions of the policy share. */
class Evaluation {
  readonly #input: ExpressionInput;
  readonly #policy: CompiledPolicy;
  readonly #variables = new Map<string, Value | CelError>();
  #budget = objectCostBudget;

  constructor(policy: CompiledPolicy, input: ExpressionInput) {
    this.#policy = policy;
    this.#input = input;
  }

  /** Throws a CelError. */
  value(expression: CompiledExpression): Value {
    if ('problem' in expression) throw new CelError(expression.problem);
    const limit = Math.min(perCallLimit, Math.max(0, this.#budget));
    const { value, cost } = expression.program.evaluate(
      (name) => (name === 'variables' ? this.#composed : this.#input.variable(name)),
      limit,
    );
    this.#budget -= cost;
    return value;
  }

  /** Variables are worked out when they are first named, and once. */
  readonly #composed: CelMap = {
    isCelMap: true,
    size: 0,
    keys: () => [],
    get: (key) => {
      const name = String(key);
      const expression = this.#policy.variables.get(name);
      if (!expression) return undefined;
      let known = this.#variables.get(name);
      if (known === undefined) {
        try {
          known = this.value(expression);
        } catch (error) {
          if (!(error instanceof CelError)) throw error;
          known = new CelError(`composited variable "${name}" fails to evaluate: ${error.message}`);
        }
        this.#variables.set(name, known);
      }
      if (known instanceof CelError) throw known;
      return known;
    },
  };
}

/** Why the request is to be denied, and what is to be noted of it. */
export function evaluatePolicy(
  server: ApiServer,
  policy: ValidatingAdmissionPolicy,
  attributes: AdmissionAttributes,
  params: unknown,
): Findings {
  const { spec } = policy;
  const onError = (message: string, index: number): readonly Denial[] =>
    spec.failurePolicy === 'Ignore' ? [] : [{ message, reason: 'Invalid', index }];
  const input = expressionInput(server, attributes, params);
  const verdict = evaluateConditions(spec.matchConditions, input, spec.paramKind !== undefined);
  if ('error' in verdict) return { ...nothing, denials: onError(verdict.error, 0) };
  if (!verdict.matches) return nothing;
  const own = compile(spec);
  const evaluation = new Evaluation(own, input);
  const denials = own.validations.flatMap(({ validation, expression, message }, index): readonly Denial[] => {
    try {
      if (evaluation.value(expression) === true) return [];
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return onError(evaluationError(validation.expression, error), index);
    }
    return [{ message: messageOf(evaluation, validation, message), reason: validation.reason ?? 'Invalid', index }];
  });
  return own.annotations.length === 0 ? { ...nothing, denials } : { denials, ...annotate(own, input, spec.failurePolicy === 'Ignore') };
}

/** The annotations that have a text; null and white space stand for none. */
function annotate(own: CompiledPolicy, input: ExpressionInput, isIgnoring: boolean): Pick<Findings, 'annotations' | 'failures'> {
  const evaluation = new Evaluation(own, input);
  const annotations: { key: string; value: string }[] = [];
  const failures: string[] = [];
  for (const { key, source, expression } of own.annotations) {
    try {
      const value = evaluation.value(expression);
      if (typeof value === 'string' && value.trim() !== '') annotations.push({ key, value: value.trim().slice(0, longestAnnotation) });
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      if (!isIgnoring) failures.push(evaluationError(source, error));
    }
  }
  return { annotations, failures };
}

function messageOf(evaluation: Evaluation, { message, expression }: Validation, compiledMessage: CompiledExpression | undefined): string {
  if (compiledMessage) {
    try {
      const text = String(evaluation.value(compiledMessage)).trim();
      if (text !== '' && text.length <= longestMessage && !text.includes('\n')) return text;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
    }
  }
  return message ? message.trim() : `failed expression: ${expression.trim()}`;
}
