/**
 * kubectl's JSONPath dialect: text with actions in braces, `{range .items[*]}{.metadata.name}{"\n"}{end}`.
 *
 * - `parseJsonPath(template)` throws a JsonPathError for a template that cannot be read; its `findResults` and `execute` throw one
 *   for data that does not fit. Messages are upstream's.
 * - Maps are visited in the order of their sorted keys. Differs from Kubernetes: upstream visits them in a random order.
 *
 * Upstream: `client-go/util/jsonpath`.
 */
import { evaluate, printResults } from './jsonpath/evaluate.ts';
import { parseTemplate } from './jsonpath/parse.ts';

export { JsonPathError } from './jsonpath/parse.ts';

export interface JsonPath {
  /** One list of values for each text and action. */
  findResults(data: unknown): unknown[][];
  /** The template filled in. */
  execute(data: unknown): string;
}

export interface JsonPathOptions {
  /** Whether a field that is not there is nothing, rather than an error. */
  readonly allowMissingKeys?: boolean | undefined;
}

export function parseJsonPath(template: string, options: JsonPathOptions = {}): JsonPath {
  const nodes = parseTemplate(template);
  const allowMissing = options.allowMissingKeys ?? false;
  return {
    findResults: (data) => evaluate(nodes, data, allowMissing),
    execute: (data) => evaluate(nodes, data, allowMissing).map(printResults).join(''),
  };
}
