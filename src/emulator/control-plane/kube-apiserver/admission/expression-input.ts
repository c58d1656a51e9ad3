/** The variables of admission expressions for one request. Upstream: apiserver/pkg/admission/plugin/cel. */
import type { AccessDecision, AccessQuestion, CompiledExpression } from '../../../api/admissionregistration/expressions.ts';
import { authorizerValue, compileExpression, resourceCheckValue } from '../../../api/admissionregistration/expressions.ts';
import type { MatchCondition } from '../../../api/generated/types.ts';
import { bool, CelError, dyn, fromJson } from '../../../machinery/cel/index.ts';
import type { Value } from '../../../machinery/cel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import type { ApiServer } from '../server.ts';
import type { AdmissionAttributes } from './plugin.ts';
import { reviewRequest } from './review.ts';

/** The budget of all match conditions of one webhook or policy (RuntimeCELCostBudgetMatchConditions). */
const matchConditionsBudget = 2_500_000;

export interface ExpressionInput {
  variable(name: string): Value | undefined;
}

/** `params` is undefined where a policy has none; null where they were not found. */
export function expressionInput(server: ApiServer, attributes: AdmissionAttributes, params: unknown): ExpressionInput {
  const { request } = attributes;
  const known = new Map<string, Value>();
  const make = (name: string): Value | undefined => {
    switch (name) {
      case 'object':
        return fromJson(attributes.operation === 'DELETE' ? null : attributes.object, dyn);
      case 'oldObject':
        return fromJson(attributes.previous ?? null, dyn);
      case 'request': {
        const review = reviewRequest(attributes, '');
        return fromJson(
          { subResource: '', requestSubResource: '', ...review, name: review.name ?? '', namespace: review.namespace ?? '' },
          dyn,
        );
      }
      case 'namespaceObject': {
        const isNamespace = request.resource.group === '' && request.resource.resource === 'namespaces';
        return fromJson(
          request.namespace === '' || isNamespace ? null : (server.store('namespaces').get('', request.namespace) ?? null),
          dyn,
        );
      }
      case 'params':
        return fromJson(params ?? null, dyn);
      case 'authorizer':
        return authorizerValue((question) => decide(server, attributes, question));
      case 'authorizer.requestResource': {
        const { group, resource } = request.resource;
        const question = { group, resource, subresource: request.subresource, namespace: request.namespace, name: request.name };
        return resourceCheckValue((asked) => decide(server, attributes, asked), question);
      }
      default:
        return undefined;
    }
  };
  return {
    variable(name) {
      let value = known.get(name);
      if (value === undefined && (value = make(name)) !== undefined) known.set(name, value);
      return value;
    },
  };
}

function decide(server: ApiServer, { request }: AdmissionAttributes, asked: AccessQuestion): AccessDecision {
  const { serviceAccount } = asked;
  const user = serviceAccount
    ? {
        name: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount.namespace}`, 'system:authenticated'],
      }
    : request.user;
  const { group = '', resource = '', subresource = '', namespace = '', name = '', verb = '', path = '', fieldSelector } = asked;
  const { verdict, reason } = server.authorization.decide({
    user,
    verb,
    group,
    version: '*',
    resource,
    subresource,
    namespace,
    name,
    path,
    fieldSelector,
  });
  return { allowed: verdict === 'allow', reason };
}

const conditions = new WeakMap<MatchCondition, CompiledExpression>();

export type ConditionVerdict = { readonly matches: boolean } | { readonly error: string };

/** One condition that is false decides; else an error is an error (webhook/matchconditions/matcher.go). */
export function evaluateConditions(
  list: readonly MatchCondition[] | undefined,
  input: ExpressionInput,
  hasParams: boolean,
): ConditionVerdict {
  const errors: string[] = [];
  let budget = matchConditionsBudget;
  for (const condition of list ?? []) {
    let compiled = conditions.get(condition);
    if (!compiled)
      conditions.set(condition, (compiled = compileExpression(condition.expression, { hasParams, hasAuthorizer: true }, [bool])));
    if ('problem' in compiled) {
      errors.push(compiled.problem);
      continue;
    }
    try {
      const { value, cost } = compiled.program.evaluate((name) => input.variable(name), Math.max(0, budget));
      budget -= cost;
      if (value === false) return { matches: false };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      errors.push(evaluationError(condition.expression, error));
    }
  }
  return errors.length > 0 ? { error: aggregateText(errors) } : { matches: true };
}

/** What upstream says of an expression that fails (plugin/cel/condition.go). */
export const evaluationError = (expression: string, error: CelError): string =>
  `expression '${expression}' resulted in error: ${error.message}`;
