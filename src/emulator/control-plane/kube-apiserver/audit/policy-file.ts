/** Reads an audit policy. Upstream: apiserver/pkg/audit/policy/reader.go, pkg/apis/audit/validation. */
import { parseYaml } from '../../../machinery/yaml.ts';
import type { AuditPolicy, PolicyRule } from './policy.ts';
import { levels, stages } from './policy.ts';

/** Throws an Error with upstream's words. */
export function readAuditPolicy(text: string, path: string): AuditPolicy {
  const failed = (why: string): Error => new Error(`${why}: from file ${path}`);
  let file: unknown;
  try {
    file = parseYaml(text);
  } catch (error) {
    throw failed(`failed decoding: yaml: ${(error as Error).message}`);
  }
  const policy = (isObject(file) ? file : {}) as Partial<AuditPolicy> & { readonly apiVersion?: string; readonly kind?: string };
  if (!policy.kind) throw failed(`failed decoding: Object 'Kind' is missing in '${text.trim()}'`);
  if (!policy.apiVersion) throw failed(`failed decoding: Object 'apiVersion' is missing in '${text.trim()}'`);
  if (policy.apiVersion !== 'audit.k8s.io/v1' || policy.kind !== 'Policy')
    throw failed(
      `failed decoding: no kind "${policy.kind}" is registered for version "${policy.apiVersion}" in scheme "k8s.io/apiserver/pkg/audit/scheme.go:31"`,
    );
  const problems = [...stageProblems(policy.omitStages, 'omitStages'), ...(policy.rules ?? []).flatMap(ruleProblems)];
  if (problems.length > 0) throw failed(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
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
