/**
 * Types of built-in kinds and custom resources for expressions: what a policy's expressions would get wrong about the objects
 * that it matches. Upstream: apiserver/pkg/admission/plugin/policy/validating/typechecking.go.
 * Unverified: upstream words a warning with the group, version and kind before the compiler's own words.
 */
import { bool, bytes, double, dyn, int, listOf, mapOf, objectType, string, timestamp } from '../../machinery/cel/index.ts';
import type { Type } from '../../machinery/cel/index.ts';
import { hasModel, modelSchema } from '../../machinery/schema.ts';
import type { SchemaType } from '../../machinery/schema.ts';
import { celType } from '../../machinery/structural-schema/cel-type.ts';
import type { ValidatingAdmissionPolicy } from '../generated/types.ts';
import type { Kind } from '../kind.ts';
import { compileExpression } from './expressions.ts';

/** As many kinds as upstream looks at (maxTypesToCheck). */
const mostKinds = 10;

const scalars: Readonly<Record<string, Type>> = {
  string,
  int32: int,
  int64: int,
  number: double,
  boolean: bool,
  quantity: string,
  time: timestamp,
  'micro-time': timestamp,
  bytes,
};

const models = new Map<string, Type>();

function modelType(name: string): Type {
  const known = models.get(name);
  if (known) return known;
  // Models refer to one another in circles, so that the type is known before its fields are.
  const fields = new Map<string, { readonly property: string; readonly type: Type }>();
  const type: Type = { kind: 'object', name, fields };
  models.set(name, type);
  const entries = [...modelSchema(name).fields.values()].map((field) => [field.name, typeOf(field.type)] as const);
  for (const [key, field] of objectType(name, entries).fields) fields.set(key, field);
  return type;
}

function typeOf(schema: SchemaType): Type {
  switch (schema.kind) {
    case 'scalar':
      return scalars[schema.scalar] ?? dyn;
    case 'list':
      return listOf(typeOf(schema.item));
    case 'map':
      return mapOf(string, typeOf(schema.value));
    case 'object':
      return modelType(schema.name);
  }
}

function kindType(kind: Kind): Type | undefined {
  if (kind.openAPISchema) return celType(kind.openAPISchema, kind.kind, true);
  return !kind.isCustom && hasModel(kind.model) ? modelType(kind.model) : undefined;
}

/** Kinds that the policy's rules name one by one; a star says nothing of types. */
function kindsOf({ spec }: ValidatingAdmissionPolicy, kinds: readonly Kind[]): readonly Kind[] {
  const found = (spec.matchConstraints?.resourceRules ?? []).flatMap(({ apiGroups = [], apiVersions = [], resources = [] }) =>
    kinds.filter(
      ({ group, version, resource }) => apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(resource),
    ),
  );
  return [...new Set(found)].slice(0, mostKinds);
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** What is wrong with the expressions of a policy's validations, for each kind that it matches. */
export function checkTypes(policy: ValidatingAdmissionPolicy, kinds: readonly Kind[]): readonly ExpressionWarning[] {
  const matched = kindsOf(policy, kinds);
  const hasParams = policy.spec.paramKind !== undefined;
  const warnings: ExpressionWarning[] = [];
  const checkOne = (expression: string, fieldRef: string): void => {
    const texts = matched.flatMap((kind) => {
      const object = kindType(kind);
      if (!object) return [];
      const variables = variableTypes(policy, object, hasParams);
      const compiled = compileExpression(expression, { hasParams, hasAuthorizer: true, variables, object }, []);
      if (!('problem' in compiled)) return [];
      return [`${kind.group}/${kind.version}, Kind=${kind.kind}: ${compiled.problem.replace(/^compilation failed: /, '')}`];
    });
    if (texts.length > 0) warnings.push({ fieldRef, warning: texts.join('\n') });
  };
  for (const [i, { expression, messageExpression }] of (policy.spec.validations ?? []).entries()) {
    checkOne(expression, `spec.validations[${i}].expression`);
    if (messageExpression) checkOne(messageExpression, `spec.validations[${i}].messageExpression`);
  }
  return warnings;
}

function variableTypes({ spec }: ValidatingAdmissionPolicy, object: Type, hasParams: boolean): readonly (readonly [string, Type])[] {
  const known: (readonly [string, Type])[] = [];
  for (const { name, expression } of spec.variables ?? []) {
    const compiled = compileExpression(expression, { hasParams, hasAuthorizer: true, variables: [...known], object }, []);
    known.push([name, 'program' in compiled ? compiled.program.type : dyn]);
  }
  return known;
}
