/** Makes a user of a token's claims. Upstream: apiserver/plugin/pkg/authenticator/token/oidc/oidc.go, AuthenticateToken. */
import type { Claims } from '../../../machinery/jwt/index.ts';
import type { UserInfo } from '../request.ts';
import { claimsValue, textsOf, userValue } from './claim-expressions.ts';
import type { JwtIssuer, Rule } from './jwt-configuration.ts';

/** What keeps claims from becoming a user; the message is the server's. */
export class ClaimError extends Error {}

const credentialId = 'authentication.kubernetes.io/credential-id';

/** Throws a ClaimError. */
export function userOf(issuer: JwtIssuer, claims: Claims): UserInfo {
  const value = claimsValue(claims);
  const evaluated = <T>(what: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw new ClaimError(`oidc: error evaluating ${what}: ${(error as Error).message}`);
    }
  };
  const name = nameOf(issuer, claims, (expression) =>
    evaluated('username claim expression', () => {
      const found = expression(value);
      if (typeof found !== 'string') throw new Error('username claim expression must return a string');
      return found;
    }),
  );
  const { groups, uid, extra } = issuer;
  const user: UserInfo = {
    name,
    groups:
      groups && 'expression' in groups
        ? evaluated('group claim expression', () => textsOf(groups.expression(value)))
        : groupsOf(groups, claims),
    ...(uid && {
      uid:
        'expression' in uid
          ? evaluated('uid claim expression', () => {
              const found = uid.expression(value);
              if (typeof found !== 'string') throw new Error('uid claim expression must return a string');
              return found;
            })
          : textClaim(claims, uid.claim, 'uid claim'),
    }),
    ...extraOf(claims, extra, (expression) => evaluated('extra claim expression', () => textsOf(expression(value)))),
  };
  requireClaims(issuer, claims);
  evaluated('claim validation expression', () => checkRules(issuer.claimRules, value));
  evaluated('user info validation rule', () => checkRules(issuer.userRules, userValue(user)));
  return user;
}

type Evaluate<T> = (expression: Rule['expression']) => T;

function nameOf({ username }: JwtIssuer, claims: Claims, evaluate: Evaluate<string>): string {
  if ('expression' in username) {
    const name = evaluate(username.expression);
    if (name === '') throw new ClaimError('oidc: empty username via CEL expression is not allowed');
    return name;
  }
  const name = textClaim(claims, username.claim, 'username claims');
  if (username.claim === 'email' && claims.email_verified !== undefined && claims.email_verified !== true)
    throw new ClaimError('oidc: email not verified');
  return `${username.prefix}${name}`;
}

function textClaim(claims: Claims, claim: string, what: string): string {
  const value = claims[claim];
  if (value === undefined) throw new ClaimError(`oidc: parse ${what} "${claim}": claim not present`);
  if (typeof value !== 'string' || value === '') throw new ClaimError(`oidc: parse ${what} "${claim}": value is no text`);
  return value;
}

function groupsOf(groups: { readonly claim: string; readonly prefix: string } | undefined, claims: Claims): readonly string[] {
  const value = groups && claims[groups.claim];
  if (!groups || value === undefined) return [];
  const found = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (!found.every((group) => typeof group === 'string'))
    throw new ClaimError(`oidc: parse groups claim "${groups.claim}": not a list of texts`);
  return found.map((group) => `${groups.prefix}${group as string}`);
}

function extraOf(claims: Claims, mappings: JwtIssuer['extra'], evaluate: Evaluate<readonly string[]>): Pick<UserInfo, 'extra'> {
  const extra = new Map<string, readonly string[]>();
  if (typeof claims.jti === 'string' && claims.jti !== '') extra.set(credentialId, [`JTI=${claims.jti}`]);
  for (const { key, expression } of mappings) {
    const values = evaluate(expression);
    if (values.length > 0) extra.set(key, values);
  }
  return extra.size > 0 ? { extra: Object.fromEntries(extra) } : {};
}

function requireClaims({ requiredClaims }: JwtIssuer, claims: Claims): void {
  for (const [claim, value] of requiredClaims) {
    if (claims[claim] === undefined) throw new ClaimError(`oidc: required claim ${claim} not present in ID token`);
    if (claims[claim] !== value)
      throw new ClaimError(`oidc: required claim ${claim} value does not match. Got = ${String(claims[claim])}, want = ${value}`);
  }
}

function checkRules(rules: readonly Rule[], subject: ReturnType<typeof claimsValue>): void {
  for (const { expression, source, message } of rules) {
    const holds = expression(subject);
    if (typeof holds !== 'boolean') throw new Error('validation expression must return a boolean');
    if (!holds) throw new Error(`validation expression '${source}' failed: ${message}`);
  }
}
