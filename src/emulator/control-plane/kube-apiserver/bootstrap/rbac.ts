/** Bootstrap RBAC: missing roles, rules and subjects come back when the server starts (rbac/rest/storage_rbac.go, reconciliation). */
import type { ApiObject } from '../../../machinery/objects.ts';
import { equal } from '../../../machinery/equality.ts';
import { uncovered } from '../authorization/coverage.ts';
import type { PolicyRule } from '../authorization/rules.ts';

type Shape = ApiObject & {
  readonly rules?: readonly PolicyRule[];
  readonly subjects?: readonly unknown[];
  readonly aggregationRule?: unknown;
};

/** The stored object with what is expected of it and lacks; undefined when nothing lacks, or its owner asked to be left alone. */
export function repaired(stored: ApiObject, expected: ApiObject): ApiObject | undefined {
  const { annotations, labels } = stored.metadata;
  if (annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false') return undefined;
  const [found, wanted] = [stored as Shape, expected as Shape];
  const next: Shape = {
    ...found,
    metadata: {
      ...stored.metadata,
      annotations: { ...expected.metadata.annotations, ...annotations },
      labels: { ...expected.metadata.labels, ...labels },
    },
    ...(found.aggregationRule === undefined && wanted.rules ? { rules: withRules(found.rules, wanted.rules) } : {}),
    ...(wanted.subjects ? { subjects: withSubjects(found.subjects, wanted.subjects) } : {}),
  };
  return equal(next, stored) ? undefined : next;
}

/** What is found, and after it the parts of rules that it does not cover. */
function withRules(found: readonly PolicyRule[] = [], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const unlike = wanted.filter((rule) => !found.some((other) => equal(rule, other)));
  const missing = uncovered(found, unlike);
  return missing.length === 0 ? found : [...found, ...missing];
}

function withSubjects(found: readonly unknown[] = [], wanted: readonly unknown[]): readonly unknown[] {
  const missing = wanted.filter((item) => !found.some((other) => equal(item, other)));
  return missing.length === 0 ? found : [...found, ...missing];
}
