/**
 * Writes the run-time schema: one line a model, `Name=field:type,field!:type,…` (`!` marks required), which `machinery/schema.ts`
 * parses by model when one is first asked for. Field names and types repeat a lot, so that this text compresses well.
 */
import type { Model } from './models.ts';

export function writeSchema(models: readonly Model[]): string {
  const lines = models.map(
    (model) => `${model.name}=${model.fields.map((f) => `${f.name}${f.isRequired ? '!' : ''}:${f.type}`).join(',')}`,
  );
  return `/* Made by src/build/fields. The schema of the API of Kubernetes v1.34. */\nexport const schemaText = \`\n${lines.join('\n')}\n\`;\n`;
}
