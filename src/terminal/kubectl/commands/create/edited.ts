/** kubectl create --edit: the objects go through an editor before they are sent. Upstream: kubectl/pkg/cmd/util/editor, EditBeforeCreateMode. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { parseYamlDocuments, YamlError } from '../../../../emulator/machinery/yaml.ts';
import { createTarget } from '../../changes/create-target.ts';
import { editComment, editText } from '../../changes/editor.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { reportPrinter } from '../../printers/print-flags.ts';
import { formatJson, formatYaml } from '../../printers/serialized.ts';
import { builderFlags, selectAll } from '../../resources/builder.ts';

export function* editAndCreate(invocation: Invocation): Call<number> {
  const print = yield* reportPrinter(invocation);
  const isJson = invocation.flags.string('output') === 'json';
  for (const target of yield* selectAll(invocation, builderFlags(invocation))) {
    const initial = isJson ? formatJson(target.object) : formatYaml(target.object);
    yield* editText(invocation, initial, isJson ? 'json' : 'yaml', function* (text) {
      let objects: readonly Json[];
      try {
        objects = parseYamlDocuments(text) as readonly Json[];
      } catch (error) {
        if (!(error instanceof YamlError)) throw error;
        return { comment: editComment(`The edited file had a syntax error: ${error.message}`), text: '' };
      }
      for (const object of objects) {
        const named = { ...target, name: object?.metadata?.name ?? '', object };
        yield* invocation.out(print(yield* createTarget(invocation, named), 'created'));
      }
      return undefined;
    });
  }
  return 0;
}
