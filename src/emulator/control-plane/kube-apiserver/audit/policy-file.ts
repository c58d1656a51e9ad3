/** Reads an audit policy. Upstream: apiserver/pkg/audit/policy/reader.go, pkg/apis/audit/validation. */
import { list, model, object, scalar, typeMeta } from '../../../machinery/configuration-model.ts';
import { strictDecodingError } from '../../../machinery/decode.ts';
import { decodeObject } from '../../../machinery/decode/walk.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import type { AuditPolicy, PolicyRule } from './policy.ts';
import { levels, stages } from './policy.ts';

const strings = list(scalar('string'));
const policyModel = model('Policy', {
  ...typeMeta,
  metadata: 'any',
  omitStages: strings,
  omitManagedFields: 'boolean',
  rules: list(
    object(
      model('PolicyRule', {
        level: 'string',
        users: strings,
        userGroups: strings,
        verbs: strings,
        resources: list(object(model('GroupResources', { group: 'string', resources: strings, resourceNames: strings }))),
        namespaces: strings,
        nonResourceURLs: strings,
        omitStages: strings,
        omitManagedFields: 'boolean',
      }),
    ),
  ),
});

/** Throws an Error with upstream's words. `warn` is told of fields that no policy has: the rest counts all the same. */
export function readAuditPolicy(text: string, path: string, warn: (message: string) => void): AuditPolicy {
  const failed = (why: string): Error => new Error(`${why}: from file ${path}`);
  let file: unknown;
  try {
    file = parseYaml(text);
  } catch (error) {
    throw failed(`failed decoding: yaml: ${(error as Error).message}`);
  }
  const head = (isObject(file) ? file : {}) as { readonly apiVersion?: string; readonly kind?: string };
  if (!head.kind) throw failed(`failed decoding: Object 'Kind' is missing in '${text.trim()}'`);
  if (!head.apiVersion) throw failed(`failed decoding: Object 'apiVersion' is missing in '${text.trim()}'`);
  if (head.apiVersion !== 'audit.k8s.io/v1' || head.kind !== 'Policy')
    throw failed(
      `failed decoding: no kind "${head.kind}" is registered for version "${head.apiVersion}" in scheme "k8s.io/apiserver/pkg/audit/scheme.go:31"`,
    );
  const strictErrors: string[] = [];
  let policy: Partial<AuditPolicy>;
  try {
    policy = decodeObject(file, policyModel, strictErrors) as Partial<AuditPolicy>;
  } catch (error) {
    throw failed(`failed decoding: ${(error as Error).message}`);
  }
  if (strictErrors.length > 0) warn(`Audit policy contains errors, falling back to lenient decoding: ${strictDecodingError(strictErrors)}`);
  const problems = [...stageProblems(policy.omitStages, 'omitStages'), ...(policy.rules ?? []).flatMap(ruleProblems)];
  if (problems.length > 0) throw failed(aggregateText(problems));
  if (!policy.rules || policy.rules.length === 0) throw failed('loaded illegal policy with 0 rules');
  return policy as AuditPolicy;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ruleProblems(rule: PolicyRule, index: number): readonly string[] {
  const at = `rules[${index}]`;
  const problems: string[] = [];
  const { level, nonResourceURLs: urls = [], resources = [], namespaces = [] } = rule;
  if (!level) problems.push(`${at}.level: Required value`);
  else if (!levels.includes(level)) {
    const known = levels.map((name) => JSON.stringify(name)).sort();
    problems.push(`${at}.level: Unsupported value: ${JSON.stringify(level)}: supported values: ${known.join(', ')}`);
  }
  for (const [i, url] of urls.entries()) {
    const where = `${at}.nonResourceURLs[${i}]: Invalid value: ${JSON.stringify(url)}`;
    if (url !== '*' && !url.startsWith('/')) problems.push(`${where}: non-resource URL rules must begin with a '/' character`);
    if (url.slice(0, -1).includes('*')) problems.push(`${where}: non-resource URL wildcards '*' must be the final character of the rule`);
  }
  for (const { resourceNames = [], resources: names = [] } of resources) {
    if (resourceNames.length > 0 && names.length === 0)
      problems.push(
        `${at}.resources.resourceNames: Invalid value: ${JSON.stringify(resourceNames)}: using resourceNames requires at least one resource`,
      );
  }
  problems.push(...stageProblems(rule.omitStages, `${at}.omitStages`));
  if (urls.length > 0 && (resources.length > 0 || namespaces.length > 0))
    problems.push(
      `${at}.nonResourceURLs: Invalid value: ${JSON.stringify(urls)}: rules cannot apply to both regular resources and non-resource URLs`,
    );
  return problems;
}

function stageProblems(omitted: readonly string[] | undefined, at: string): readonly string[] {
  return (omitted ?? []).flatMap((stage, i) =>
    (stages as readonly string[]).includes(stage)
      ? []
      : [`${at}[${i}]: Invalid value: ${JSON.stringify(stage)}: allowed stages are ${stages.join(',')}`],
  );
}
