/**
 * What expressions of admission may name: the object, the request, the namespace, parameters, an authorizer and the policy's own
 * variables. Upstream: apiserver/pkg/admission/plugin/cel/compile.go, pkg/cel/library/authz.go.
 */
import { basic, bool, compile, dyn, environment, listOf, mapOf, objectType, string } from '../../machinery/cel/index.ts';
import type { Program, Type, Value } from '../../machinery/cel/index.ts';
import { define } from '../../machinery/cel/overload.ts';
import { typeText } from '../../machinery/cel/types.ts';
import { Opaque } from '../../machinery/cel/values.ts';

const named = (name: string, fields: readonly string[]): Type =>
  objectType(
    name,
    fields.map((field) => [field, string] as const),
  );
const groupVersionKind = named('kubernetes.GroupVersionKind', ['group', 'version', 'kind']);
const groupVersionResource = named('kubernetes.GroupVersionResource', ['group', 'version', 'resource']);

const request = objectType('kubernetes.AdmissionRequest', [
  ['kind', groupVersionKind],
  ['resource', groupVersionResource],
  ['subResource', string],
  ['requestKind', groupVersionKind],
  ['requestResource', groupVersionResource],
  ['requestSubResource', string],
  ['name', string],
  ['namespace', string],
  ['operation', string],
  [
    'userInfo',
    objectType('kubernetes.UserInfo', [
      ['username', string],
      ['uid', string],
      ['groups', listOf(string)],
      ['extra', mapOf(string, listOf(string))],
    ]),
  ],
  ['dryRun', bool],
  ['options', dyn],
]);

const namespace = objectType('kubernetes.Namespace', [
  ['metadata', dyn],
  ['spec', dyn],
  ['status', dyn],
]);

/** What a check of the authorizer is about. */
export interface AccessQuestion {
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly verb?: string;
  readonly fieldSelector?: string;
  /** Another user than the one who asks. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

type Ask = (question: AccessQuestion) => AccessDecision;

interface Check {
  readonly ask: Ask;
  readonly question: AccessQuestion;
}

const prefix = 'kubernetes.authorization.';
const wrap = (type: string, ask: Ask, question: AccessQuestion): Opaque<Check> =>
  new Opaque(prefix + type, { ask, question }, JSON.stringify(question));

/** The value of the variable `authorizer`. */
export const authorizerValue = (ask: Ask): Value => wrap('Authorizer', ask, {});
/** The value of `authorizer.requestResource`. */
export const resourceCheckValue = (ask: Ask, question: AccessQuestion): Value => wrap('ResourceCheck', ask, question);

const more = (type: string, { of: { ask, question } }: Opaque<Check>, add: AccessQuestion): Value =>
  wrap(type, ask, { ...question, ...add });

const authorizerFunctions = define({
  [`${prefix}Authorizer.path(string): ${prefix}PathCheck`]: ([self, path]) => more('PathCheck', self, { path }),
  [`${prefix}Authorizer.group(string): ${prefix}GroupCheck`]: ([self, group]) => more('GroupCheck', self, { group }),
  [`${prefix}Authorizer.serviceAccount(string, string): ${prefix}Authorizer`]: ([self, space, name]) =>
    more('Authorizer', self, { serviceAccount: { namespace: space, name } }),
  [`${prefix}GroupCheck.resource(string): ${prefix}ResourceCheck`]: ([self, resource]) => more('ResourceCheck', self, { resource }),
  [`${prefix}ResourceCheck.subresource(string): ${prefix}ResourceCheck`]: ([self, subresource]) =>
    more('ResourceCheck', self, { subresource }),
  [`${prefix}ResourceCheck.namespace(string): ${prefix}ResourceCheck`]: ([self, space]) =>
    more('ResourceCheck', self, { namespace: space }),
  [`${prefix}ResourceCheck.name(string): ${prefix}ResourceCheck`]: ([self, name]) => more('ResourceCheck', self, { name }),
  [`${prefix}ResourceCheck.fieldSelector(string): ${prefix}ResourceCheck`]: ([self, fieldSelector]) =>
    more('ResourceCheck', self, { fieldSelector }),
  [`${prefix}ResourceCheck.labelSelector(string): ${prefix}ResourceCheck`]: ([self]) => self,
  [`${prefix}ResourceCheck.check(string): ${prefix}Decision`]: ([self, verb]) => decide(self, verb),
  [`${prefix}PathCheck.check(string): ${prefix}Decision`]: ([self, verb]) => decide(self, verb),
  [`${prefix}Decision.allowed(): bool`]: ([{ of }]) => (of as AccessDecision).allowed,
  [`${prefix}Decision.reason(): string`]: ([{ of }]) => (of as AccessDecision).reason,
  [`${prefix}Decision.errored(): bool`]: () => false,
  [`${prefix}Decision.error(): string`]: () => '',
});

function decide({ of: { ask, question } }: Opaque<Check>, verb: string): Value {
  const decision = ask({ ...question, verb });
  return new Opaque(`${prefix}Decision`, decision, `${decision.allowed} ${decision.reason}`);
}

export interface Declared {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** The policy's own variables so far. */
  readonly variables?: readonly (readonly [string, Type])[] | undefined;
  /** What is known of the object; nothing where a policy is put to work. */
  readonly object?: Type | undefined;
}

const environments = new Map<string, ReturnType<typeof environment>>();

function environmentFor({ hasParams, hasAuthorizer, variables, object = dyn }: Declared): ReturnType<typeof environment> {
  const declared = (): Record<string, Type> => ({
    object,
    oldObject: object,
    namespaceObject: namespace,
    request,
    ...(hasParams && { params: dyn }),
    ...(hasAuthorizer && { authorizer: basic(`${prefix}Authorizer`), 'authorizer.requestResource': basic(`${prefix}ResourceCheck`) }),
    ...(variables && { variables: objectType('kubernetes.variables', variables) }),
  });
  if (variables || object !== dyn) return environment(declared(), authorizerFunctions);
  const key = `${hasParams} ${hasAuthorizer}`;
  let known = environments.get(key);
  if (!known) environments.set(key, (known = environment(declared(), authorizerFunctions)));
  return known;
}

export type CompiledExpression = { readonly program: Program } | { readonly problem: string };

/** Compiles an expression of admission; `types` are those that it may have, none for any. */
export function compileExpression(source: string, declared: Declared, types: readonly Type[]): CompiledExpression {
  const result = compile(source, environmentFor(declared));
  if ('issues' in result) return { problem: `compilation failed: ${result.issues}` };
  const { program } = result;
  if (types.length === 0 || types.includes(program.type)) return { program };
  const found = typeText(program.type);
  const problem =
    types.length === 1
      ? `must evaluate to ${typeText(types[0]!)} but got ${found}`
      : `must evaluate to one of [${types.map(typeText).join(' ')}] but got ${found}`;
  return { problem };
}
