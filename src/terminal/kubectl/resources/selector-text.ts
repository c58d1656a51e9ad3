import type { Json } from '../json.ts';

/** A LabelSelector as the text of a query. */
export function selectorText(selector: Json): string {
  const pairs = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const operators: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };
  const expressions = (selector?.matchExpressions ?? []).map((one: Json) => {
    if (one.operator === 'Exists') return one.key;
    if (one.operator === 'DoesNotExist') return `!${one.key}`;
    return `${one.key} ${operators[one.operator]} (${one.values.join(',')})`;
  });
  return [...pairs, ...expressions].sort().join(',');
}

/** The labels of a workload's Pods as the text of a query: a ReplicationController and a Service have a plain map. */
export function podSelectorOf({ kind, spec }: Json): string {
  const isPlain = kind === 'ReplicationController' || kind === 'Service';
  return selectorText(isPlain ? { matchLabels: spec.selector } : spec.selector);
}
