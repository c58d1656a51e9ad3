/** -o jsonpath. Upstream: cli-runtime/pkg/printers/jsonpath.go. */
import { parseJsonPath } from '../../../emulator/machinery/jsonpath.ts';
import { CommandError, messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import { formatJson } from './serialized.ts';

export function jsonPathPrinter(
  template: string,
  options: { readonly asJson: boolean; readonly allowMissingKeys: boolean },
): (object: Json) => string {
  let path: ReturnType<typeof parseJsonPath>;
  try {
    path = parseJsonPath(template, { allowMissingKeys: options.allowMissingKeys });
  } catch (error) {
    throw new CommandError(`error parsing jsonpath ${template}, ${messageOf(error)}`);
  }
  return (object) => {
    try {
      return options.asJson ? formatJson(path.findResults(object).flat()) : path.execute(object);
    } catch (error) {
      throw new CommandError(
        `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${messageOf(error)}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goValue(object)}\n\n\n`,
      );
    }
  };
}

/** A value as Go's %#v prints the maps of an unstructured object. */
function goValue(value: Json): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${goValue(value[key])}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}
