/** Expressions in CEL about a token's claims, and about the user that was made of them (apiserver/pkg/authentication/cel). */
import {
  bool,
  CelError,
  compile,
  dyn,
  environment,
  fromJson,
  listOf,
  mapOf,
  objectType,
  string,
  toJson,
  typeText,
} from '../../../machinery/cel/index.ts';
import type { Program, Type, Value } from '../../../machinery/cel/index.ts';
import type { UserInfo } from '../request.ts';
import type { Claims } from '../../../machinery/jwt/index.ts';

const claimsType = mapOf(string, dyn);
const userType = objectType('kubernetes.UserInfo', [
  ['username', string],
  ['uid', string],
  ['groups', listOf(string)],
  ['extra', mapOf(string, listOf(string))],
]);

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
const aboutClaims = once(() => environment({ claims: claimsType }));
const aboutUser = once(() => environment({ user: userType }));

export type Expression = (subject: Value) => unknown;

type Outcome = { readonly expression: Expression } | { readonly problem: string };

/** An expression about claims. What it gives is only known when there are some. */
export function compileMapping(source: string): Outcome {
  return compiled(source, 'claims');
}

export function compileClaimRule(source: string): Outcome {
  return compiled(source, 'claims', bool);
}

export function compileUserRule(source: string): Outcome {
  return compiled(source, 'user', bool);
}

function compiled(source: string, variable: 'claims' | 'user', wanted?: Type): Outcome {
  const result = compile(source, variable === 'claims' ? aboutClaims() : aboutUser());
  if ('issues' in result) return { problem: `compilation failed: ${result.issues}` };
  if (wanted && result.program.type !== wanted) return { problem: `must evaluate to ${typeText(wanted)}` };
  return { expression: expressionOf(result.program, variable) };
}

/** Throws an Error with the words of cel-go. */
function expressionOf(program: Program, variable: string): Expression {
  return (subject) => {
    try {
      return toJson(program.evaluate((name) => (name === variable ? subject : undefined)).value);
    } catch (error) {
      if (error instanceof CelError) throw new Error(error.message);
      throw error;
    }
  };
}

export const claimsValue = (claims: Claims): Value => fromJson(claims, claimsType);

export const userValue = ({ name, uid = '', groups, extra = {} }: UserInfo): Value =>
  fromJson({ username: name, uid, groups, extra }, userType);

/** A text, or a list of texts; nothing for null, '' and empty ones. Throws an Error for anything else. */
export function textsOf(value: unknown): readonly string[] {
  if (value === null || value === undefined || value === '') return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.filter((item) => item !== '');
  throw new Error('expression must return a string or a list of strings');
}
