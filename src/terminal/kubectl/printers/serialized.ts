/** Objects as JSON and YAML, in the exact form of `-o json` and `-o yaml`: sorted keys, four spaces, Go's escapes. */
import { marshalIndent } from '../../../emulator/machinery/json.ts';
import { toYaml } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';

export function formatJson(object: Json): string {
  return `${marshalIndent(object, '    ')}\n`;
}

export function formatYaml(object: Json): string {
  return toYaml(object);
}
