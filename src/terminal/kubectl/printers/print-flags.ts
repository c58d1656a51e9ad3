/** The printer for -o and its companions. Upstream: cli-runtime/pkg/genericclioptions/print_flags.go. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { groupKind } from '../rest/mapper.ts';
import { CustomColumnsPrinter, parseColumns, parseColumnsFile } from './custom-columns.ts';
import { parseTemplate } from './go-template.ts';
import { jsonPathPrinter } from './jsonpath-printer.ts';
import { formatJson, formatYaml } from './serialized.ts';

/** Turns one object (or list) into text. */
export type Printer = (object: Json) => string;

const commonFormats = [
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'name',
  'template',
  'templatefile',
  'yaml',
];
const getFormats = ['custom-columns', 'custom-columns-file', ...commonFormats, 'wide'].sort();

/** The printer that -o asks for; undefined when -o is absent (or `wide` where that is allowed). */
export function* outputPrinter(invocation: Invocation, options: { readonly isGet?: boolean } = {}): Call<Printer | undefined> {
  const { flags } = invocation;
  const output = flags.string('output');
  const templateArgument = flags.string('template');
  const format = output === '' && templateArgument !== '' ? 'go-template' : output;
  if (format === '') return undefined;
  const keepManagedFields = flags.bool('show-managed-fields');
  const clean: (object: Json) => Json = keepManagedFields ? (object) => object : withoutManagedFields;
  if (format === 'json') return (object) => formatJson(clean(object));
  if (format === 'yaml') return yamlPrinter(clean);
  if (format === 'name') return namePrinter('');
  if (options.isGet && format === 'wide') return undefined;
  const [kind, inline] = splitFormat(format);
  if (kind.startsWith('jsonpath')) return yield* jsonPath(invocation, kind, inline, templateArgument);
  if (options.isGet && kind.startsWith('custom-columns')) return yield* customColumns(invocation, kind, inline);
  if (['go-template', 'template', 'go-template-file', 'templatefile'].includes(kind))
    return yield* goTemplate(invocation, kind, inline || templateArgument);
  throw new CommandError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${(options.isGet ? getFormats : commonFormats).join(',')}`,
  );
}

/** How a command that changes things reports them: `pod/web created`, or what -o asks for. */
export function* reportPrinter(invocation: Invocation): Call<(object: Json, operation: string) => string> {
  const strategy = dryRunStrategy(invocation);
  const suffix = strategy === 'client' ? ' (dry run)' : strategy === 'server' ? ' (server dry run)' : '';
  const printer = yield* outputPrinter(invocation);
  if (invocation.flags.string('output') === 'name') return (object) => namePrinter('')(object);
  if (printer) return (object) => printer(object);
  return (object, operation) => namePrinter(`${operation}${suffix}`)(object);
}

type DryRun = 'none' | 'client' | 'server';

export function dryRunStrategy(invocation: Invocation): DryRun {
  if (!invocation.flags.has('dry-run')) return 'none';
  const text = invocation.flags.string('dry-run');
  switch (text) {
    case 'client':
    case 'server':
    case 'none':
      return text;
    case 'unchanged':
      return 'client';
    default:
      throw new CommandError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
  }
}

/** `pod/web created`; lists print a line an item. */
export function namePrinter(operation: string): Printer {
  return function print(object: Json): string {
    if (Array.isArray(object.items)) return object.items.map(print).join('');
    const apiVersion: string = object.apiVersion ?? '';
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const name = object.metadata?.name || '<unknown>';
    return `${groupKind({ kind: object.kind ?? '', group })}/${name}${operation === '' ? '' : ` ${operation}`}\n`;
  };
}

/** Objects in YAML, with `---` between what one printer prints. */
function yamlPrinter(clean: (object: Json) => Json): Printer {
  let count = 0;
  return (object) => (count++ > 0 ? '---\n' : '') + formatYaml(clean(object));
}

export function withoutManagedFields(object: Json): Json {
  if (Array.isArray(object?.items) && object.items.some((item: Json) => item?.metadata?.managedFields)) {
    return { ...object, items: object.items.map(withoutManagedFields) };
  }
  if (object?.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function splitFormat(format: string): [string, string] {
  const at = format.indexOf('=');
  return at < 0 ? [format, ''] : [format.slice(0, at), format.slice(at + 1)];
}

function* jsonPath(invocation: Invocation, kind: string, inline: string, template: string): Call<Printer> {
  const source = inline || template;
  if (source === '') throw new CommandError('template format specified but no template given');
  const text = kind === 'jsonpath-file' ? yield* invocation.readFile(source) : source;
  return jsonPathPrinter(text, {
    asJson: kind === 'jsonpath-as-json',
    allowMissingKeys: invocation.flags.bool('allow-missing-template-keys'),
  });
}

function* customColumns(invocation: Invocation, kind: string, inline: string): Call<Printer> {
  if (inline === '') throw new CommandError('custom-columns format specified but no custom columns given');
  const columns = kind === 'custom-columns-file' ? parseColumnsFile(yield* readColumns(invocation, inline)) : parseColumns(inline);
  const printer = new CustomColumnsPrinter(columns, invocation.flags.bool('no-headers'));
  return (object) => printer.print(object);
}

function* readColumns(invocation: Invocation, path: string): Call<string> {
  try {
    return yield* invocation.readFile(path);
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(`error reading template ${path}, ${error.message}`) : error;
  }
}

function* goTemplate(invocation: Invocation, kind: string, source: string): Call<Printer> {
  if (source === '') throw new CommandError('template format specified but no template given');
  const text = kind.endsWith('file') ? yield* invocation.readFile(source) : source;
  const template = parseTemplate(text, { allowMissingKeys: invocation.flags.bool('allow-missing-template-keys') });
  return (object) => template(object);
}
