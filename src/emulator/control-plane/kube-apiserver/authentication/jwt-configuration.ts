/**
 * The file of `--authentication-config`: who gives tokens, and what is made of their claims. Upstream:
 * apiserver/pkg/apis/apiserver/validation/validation.go, ValidateAuthenticationConfiguration.
 */
import { list, model, object, scalar, typeMeta } from '../../../machinery/configuration-model.ts';
import { strictDecodingError } from '../../../machinery/decode.ts';
import { decodeObject } from '../../../machinery/decode/walk.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { parseCertificates } from '../../../machinery/x509/index.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import { compileClaimRule, compileMapping, compileUserRule } from './claim-expressions.ts';
import type { Expression } from './claim-expressions.ts';

/** A claim as it is, with something before it; or an expression. */
export type Mapping = { readonly claim: string; readonly prefix: string } | { readonly expression: Expression };

export interface Rule {
  readonly expression: Expression;
  readonly source: string;
  readonly message: string;
}

/** One issuer of tokens. */
export interface JwtIssuer {
  /** What must stand in a token as `iss`. */
  readonly url: string;
  /** Where its keys are described; by default below the URL. */
  readonly discoveryURL: string;
  readonly audiences: readonly string[];
  /** PEM. */
  readonly authorities: string;
  readonly signingAlgs: readonly string[];
  readonly username: Mapping;
  readonly groups: Mapping | undefined;
  readonly uid: Mapping | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: Expression }[];
  readonly requiredClaims: readonly (readonly [claim: string, value: string])[];
  readonly claimRules: readonly Rule[];
  readonly userRules: readonly Rule[];
}

/** Who may come without a proof: nobody, anybody, or anybody at these paths. */
export interface AnonymousAccess {
  readonly isEnabled: boolean;
  /** Empty for every path. */
  readonly paths: readonly string[];
}

export interface AuthenticationConfiguration {
  readonly issuers: readonly JwtIssuer[];
  readonly anonymous: AnonymousAccess | undefined;
}

const claimOrExpression = object(model('ClaimOrExpression', { claim: 'string', expression: 'string' }));
const prefixed = object(model('PrefixedClaimOrExpression', { claim: 'string', prefix: 'string', expression: 'string' }));
const fileModel = model('AuthenticationConfiguration', {
  ...typeMeta,
  jwt: list(
    object(
      model('JWTAuthenticator', {
        issuer: object(
          model('Issuer', {
            url: 'string',
            discoveryURL: 'string',
            certificateAuthority: 'string',
            audiences: list(scalar('string')),
            audienceMatchPolicy: 'string',
            egressSelectorType: 'string',
          }),
        ),
        claimValidationRules: list(
          object(model('ClaimValidationRule', { claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' })),
        ),
        claimMappings: object(
          model('ClaimMappings', {
            username: prefixed,
            groups: prefixed,
            uid: claimOrExpression,
            extra: list(object(model('ExtraMapping', { key: 'string', valueExpression: 'string' }))),
          }),
        ),
        userValidationRules: list(object(model('UserValidationRule', { expression: 'string', message: 'string' }))),
      }),
    ),
  ),
  anonymous: object(
    model('AnonymousAuthConfig', {
      enabled: 'boolean',
      conditions: list(object(model('AnonymousAuthCondition', { path: 'string' }))),
    }),
  ),
});

interface RawMapping {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}
interface RawRule {
  readonly claim?: string;
  readonly requiredValue?: string;
  readonly expression?: string;
  readonly message?: string;
}
interface RawIssuer {
  readonly url?: string;
  readonly discoveryURL?: string;
  readonly certificateAuthority?: string;
  readonly audiences?: readonly string[];
  readonly audienceMatchPolicy?: string;
  readonly egressSelectorType?: string;
}
interface RawJwt {
  readonly issuer?: RawIssuer;
  readonly claimValidationRules?: readonly RawRule[];
  readonly claimMappings?: {
    readonly username?: RawMapping;
    readonly groups?: RawMapping;
    readonly uid?: RawMapping;
    readonly extra?: readonly { readonly key?: string; readonly valueExpression?: string }[];
  };
  readonly userValidationRules?: readonly RawRule[];
}
interface RawFile {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly jwt?: readonly RawJwt[];
  readonly anonymous?: { readonly enabled?: boolean; readonly conditions?: readonly { readonly path?: string }[] };
}

const versions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`);
/** What a token may be signed with; flags allow RS256 alone unless they say otherwise. */
const signingAlgs = ['ES256', 'RS256'];
const maxIssuers = 64;

/** Throws an Error with upstream's words. `disallowed`: issuers of the cluster's own tokens. */
export function readAuthenticationConfiguration(text: string, disallowed: readonly string[]): AuthenticationConfiguration {
  if (text === '') throw new Error('empty config data');
  const value: unknown = parseYaml(text);
  const { kind = '', apiVersion = '' } = (typeof value === 'object' && value !== null ? value : {}) as RawFile;
  if (kind !== 'AuthenticationConfiguration' || !versions.includes(apiVersion))
    throw new Error(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const strictErrors: string[] = [];
  const { jwt = [], anonymous } = decodeObject(value, fileModel, strictErrors) as RawFile;
  if (strictErrors.length > 0) throw new Error(strictDecodingError(strictErrors));
  const problems: string[] = [];
  if (jwt.length > maxIssuers) problems.push(`jwt: Too many: ${jwt.length}: must have at most ${maxIssuers} items`);
  const issuers = jwt.map((one, i) => new IssuerReader(`jwt[${i}]`, problems).read(one, disallowed));
  reportTwins(jwt, problems);
  const conditions = anonymous?.conditions ?? [];
  if (anonymous && !anonymous.enabled && conditions.length > 0)
    problems.push(
      `anonymous.conditions: Invalid value: ${JSON.stringify(conditions)}: enabled should be set to true when conditions are defined`,
    );
  if (problems.length > 0) throw new Error(aggregateText(problems));
  return {
    issuers,
    anonymous: anonymous && { isEnabled: anonymous.enabled === true, paths: conditions.map(({ path = '' }) => path) },
  };
}

function reportTwins(jwt: readonly RawJwt[], problems: string[]): void {
  for (const field of ['url', 'discoveryURL'] as const) {
    const seen = new Set<string>();
    for (const [i, { issuer }] of jwt.entries()) {
      const value = issuer?.[field] ?? '';
      if (value !== '' && seen.has(value)) problems.push(`jwt[${i}].issuer.${field}: Duplicate value: ${JSON.stringify(value)}`);
      seen.add(value);
    }
  }
}

/** Reads one issuer and notes what is wrong with it. */
class IssuerReader {
  readonly #at: string;
  readonly #problems: string[];

  constructor(at: string, problems: string[]) {
    this.#at = at;
    this.#problems = problems;
  }

  read(
    { issuer = {}, claimMappings = {}, claimValidationRules = [], userValidationRules = [] }: RawJwt,
    disallowed: readonly string[],
  ): JwtIssuer {
    const { url = '', discoveryURL = '', audiences = [], certificateAuthority = '' } = issuer;
    this.#issuer(issuer, disallowed);
    this.#emails({ claimMappings, claimValidationRules });
    return {
      url,
      discoveryURL: discoveryURL || discoveryURLOf(url),
      audiences,
      authorities: certificateAuthority,
      signingAlgs,
      requiredClaims: claimValidationRules.flatMap(({ claim = '', requiredValue = '' }) =>
        claim === '' ? [] : [[claim, requiredValue] as const],
      ),
      claimRules: claimValidationRules.flatMap((rule, i) => this.#claimRule(rule, `claimValidationRules[${i}]`)),
      username: this.#mapping(claimMappings.username ?? {}, 'username', true) ?? { claim: '', prefix: '' },
      groups: this.#mapping(claimMappings.groups ?? {}, 'groups', false),
      uid: this.#uid(claimMappings.uid ?? {}),
      extra: (claimMappings.extra ?? []).flatMap((extra, i, all) => this.#extra(extra, `claimMappings.extra[${i}]`, all.slice(0, i))),
      userRules: userValidationRules.flatMap((rule, i) => this.#userRule(rule, `userValidationRules[${i}]`)),
    };
  }

  #report(field: string, problem: string): void {
    this.#problems.push(`${this.#at}.${field}: ${problem}`);
  }

  #invalid(field: string, value: unknown, why: string): void {
    this.#report(field, `Invalid value: ${JSON.stringify(value)}: ${why}`);
  }

  #issuer({ url = '', discoveryURL = '', audiences = [], ...issuer }: RawIssuer, disallowed: readonly string[]): void {
    if (url === '') this.#report('issuer.url', 'Required value');
    else this.#url('issuer.url', url);
    if (disallowed.includes(url))
      this.#invalid('issuer.url', url, `URL must not overlap with disallowed issuers: [${disallowed.join(' ')}]`);
    if (discoveryURL !== '') {
      if (discoveryURL.replace(/\/+$/, '') === url.replace(/\/+$/, ''))
        this.#invalid('issuer.discoveryURL', discoveryURL, 'discoveryURL must be different from URL');
      this.#url('issuer.discoveryURL', discoveryURL);
    }
    const { audienceMatchPolicy: policy = '', certificateAuthority = '', egressSelectorType = '' } = issuer;
    const at = `${this.#at}.issuer.audiences`;
    if (audiences.length === 0) this.#report('issuer.audiences', `Required value: at least one ${at} is required`);
    audiences.forEach((audience, i) => {
      if (audience === '') this.#report(`issuer.audiences[${i}]`, 'Required value');
      else if (audiences.indexOf(audience) < i) this.#report(`issuer.audiences[${i}]`, `Duplicate value: ${JSON.stringify(audience)}`);
    });
    if (audiences.length > 1 && policy !== 'MatchAny')
      this.#invalid('issuer.audienceMatchPolicy', policy, 'audienceMatchPolicy must be MatchAny for multiple audiences');
    if (audiences.length === 1 && policy !== '' && policy !== 'MatchAny')
      this.#invalid('issuer.audienceMatchPolicy', policy, 'audienceMatchPolicy must be empty or MatchAny for single audience');
    if (certificateAuthority !== '' && !isPem(certificateAuthority))
      this.#report('issuer.certificateAuthority', 'Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates');
    if (egressSelectorType !== '')
      this.#invalid(
        'issuer.egressSelectorType',
        egressSelectorType,
        'egress selector is not supported when StructuredAuthenticationConfigurationEgressSelector feature gate is disabled',
      );
  }

  /** Whoever takes an address for a name must look whether it is the person's own. */
  #emails({ claimMappings = {}, claimValidationRules = [] }: RawJwt): void {
    const { expression = '' } = claimMappings.username ?? {};
    const others = [
      ...(claimMappings.extra ?? []).map(({ valueExpression = '' }) => valueExpression),
      ...claimValidationRules.map((rule) => rule.expression ?? ''),
    ];
    const uses = (source: string, claim: string): boolean => new RegExp(`\\bclaims\\s*\\.\\s*\\??\\s*${claim}\\b`).test(source);
    if (uses(expression, 'email') && ![expression, ...others].some((source) => uses(source, 'email_verified')))
      this.#invalid(
        'claimMappings.username.expression',
        expression,
        'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
      );
  }

  #url(field: string, url: string): void {
    const [, scheme = '', authority = ''] = /^([a-z]+):\/\/([^/?#]*)/i.exec(url) ?? [];
    if (scheme !== 'https') this.#invalid(field, url, 'URL scheme must be https');
    if (authority.includes('@')) this.#invalid(field, url, 'URL must not contain a username or password');
    if (/^[^#]*\?./.test(url)) this.#invalid(field, url, 'URL must not contain a query');
    if (/#./.test(url)) this.#invalid(field, url, 'URL must not contain a fragment');
  }

  #claimRule({ claim = '', requiredValue = '', expression = '', message = '' }: RawRule, at: string): readonly Rule[] {
    if (claim !== '' && expression !== '') this.#invalid(at, claim, "claim and expression can't both be set");
    else if (claim === '' && expression === '') this.#report(at, 'Required value: claim or expression is required');
    else if (claim !== '' && message !== '') this.#invalid(`${at}.message`, message, 'may not be specified when claim is set');
    else if (claim === '') {
      if (requiredValue !== '') this.#invalid(`${at}.requiredValue`, requiredValue, 'may not be specified when expression is set');
      return this.#rule(compileClaimRule(expression), expression, message, at);
    }
    return [];
  }

  #userRule({ expression = '', message = '' }: RawRule, at: string): readonly Rule[] {
    if (expression !== '') return this.#rule(compileUserRule(expression), expression, message, at);
    this.#report(`${at}.expression`, 'Required value');
    return [];
  }

  #rule(outcome: ReturnType<typeof compileClaimRule>, source: string, message: string, at: string): readonly Rule[] {
    const expression = this.#expression(outcome, source, `${at}.expression`);
    return expression ? [{ expression, source, message }] : [];
  }

  #expression(outcome: ReturnType<typeof compileClaimRule>, source: string, at: string): Expression | undefined {
    if ('expression' in outcome) return outcome.expression;
    this.#invalid(at, source, outcome.problem);
    return undefined;
  }

  #mapping({ claim = '', prefix, expression = '' }: RawMapping, name: 'username' | 'groups', isRequired: boolean): Mapping | undefined {
    const at = `claimMappings.${name}`;
    if (claim !== '' && expression !== '') this.#invalid(at, '', "claim and expression can't both be set");
    else if (expression !== '') {
      if (prefix !== undefined) this.#invalid(`${at}.prefix`, prefix, 'may not be specified when expression is set');
      const compiled = this.#expression(compileMapping(expression), expression, `${at}.expression`);
      return compiled && { expression: compiled };
    } else if (claim !== '') {
      if (prefix === undefined)
        this.#report(
          `${at}.prefix`,
          'Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
        );
      return { claim, prefix: prefix ?? '' };
    } else if (isRequired) this.#report(at, 'Required value: claim or expression is required');
    return undefined;
  }

  #uid({ claim = '', expression = '' }: RawMapping): Mapping | undefined {
    if (claim !== '' && expression !== '') this.#invalid('claimMappings.uid', '', "claim and expression can't both be set");
    else if (expression !== '') {
      const compiled = this.#expression(compileMapping(expression), expression, 'claimMappings.uid.expression');
      return compiled && { expression: compiled };
    } else if (claim !== '') return { claim, prefix: '' };
    return undefined;
  }

  #extra(
    { key = '', valueExpression = '' }: { readonly key?: string; readonly valueExpression?: string },
    at: string,
    earlier: readonly { readonly key?: string }[],
  ): JwtIssuer['extra'] {
    if (!/^[^/]+\/.+$/.test(key)) this.#invalid(`${at}.key`, key, 'must be a domain-prefixed path (such as "acme.io/foo")');
    if (key !== key.toLowerCase()) this.#invalid(`${at}.key`, key, 'must be lowercase');
    if (/^([^/]*\.)?(k8s|kubernetes)\.io\//.test(key))
      this.#invalid(`${at}.key`, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use');
    if (earlier.some((other) => other.key === key)) this.#report(`${at}.key`, `Duplicate value: ${JSON.stringify(key)}`);
    if (valueExpression === '') {
      this.#report(`${at}.valueExpression`, 'Required value');
      return [];
    }
    const expression = this.#expression(compileMapping(valueExpression), valueExpression, `${at}.valueExpression`);
    return expression ? [{ key, expression }] : [];
  }
}

/** Where an issuer describes itself if nothing else is said. */
export const discoveryURLOf = (url: string): string => `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;

function isPem(text: string): boolean {
  try {
    return parseCertificates(text).length > 0;
  } catch {
    return false;
  }
}
