/** What may stand at a place of a manifest: fields by the schema of its kind, kinds and versions. Works by indentation, since a text that is being typed seldom parses. */
import { kinds } from '../../../emulator/api/kinds.ts';
import { apiVersionOf } from '../../../emulator/api/kind.ts';
import { hasModel, modelSchema, type SchemaType } from '../../../emulator/machinery/schema.ts';
import { kindCalled, partsOf } from './documents.ts';

export interface Completion {
  readonly label: string;
  /** The field's type as documentation writes it: `string`, `[]Container`. */
  readonly detail: string;
  /** What is put in for it. */
  readonly insert: string;
}

interface Line {
  readonly key: string;
  readonly keyColumn: number;
  /** Column of the first dash, if the line begins an element of a list. */
  readonly dashColumn: number | undefined;
  readonly value: string;
}

const linePattern = /^( *)((?:- +)*)(?:"([^"]*)"|'([^']*)'|([^\s:#'"-][^:#]*?))\s*:(?:\s+(.*))?$/;

function readLine(text: string): Line | undefined {
  const match = linePattern.exec(text);
  if (!match) return undefined;
  const [, indent = '', dashes = '', double, single, plain, value = ''] = match;
  return {
    key: double ?? single ?? plain ?? '',
    keyColumn: indent.length + dashes.length,
    dashColumn: dashes === '' ? undefined : indent.length,
    value: value.replace(/(^|\s)#.*$/, '').trim(),
  };
}

/** Completions at an offset, and where the word begins that they replace. */
export function complete(text: string, offset: number): { readonly from: number; readonly options: readonly Completion[] } {
  const part = partsOf(text).findLast(({ from }) => from <= offset) ?? { from: 0, text };
  const before = part.text.slice(0, offset - part.from);
  const lines = before.split('\n');
  const current = lines.at(-1)!;
  const word = /[\w./-]*$/.exec(current.replace(/^( *)(- +)*/, (lead) => ' '.repeat(lead.length)))![0];
  const from = offset - word.length;
  const all = part.text.split('\n');
  const top = (key: string): string | undefined => all.map(readLine).find((line) => line?.key === key && line.keyColumn === 0)?.value;
  const onValue = readLine(`${current.slice(0, current.length - word.length)}`.trimEnd());
  if (onValue && current.includes(':')) return { from, options: valuesOf(onValue, top) };
  const type = typeAt(pathAt(lines, current.length - word.length), kindCalled(top('apiVersion'), top('kind'))?.model);
  const taken = siblings(all, lines.length - 1, current.length - word.length);
  return { from, options: fieldsOf(type, lines.length === 1 || current.length === word.length).filter(({ label }) => !taken.has(label)) };
}

/** Values of the two fields that say what the rest is. */
function valuesOf({ key, keyColumn }: Line, top: (key: string) => string | undefined): readonly Completion[] {
  if (keyColumn !== 0) return [];
  const served = kinds.filter(({ verbs }) => verbs.includes('get'));
  const option = (label: string, detail: string): Completion => ({ label, detail, insert: label });
  if (key === 'kind') {
    const apiVersion = top('apiVersion');
    return served
      .filter((kind) => !apiVersion || apiVersionOf(kind) === apiVersion)
      .map((kind) => option(kind.kind, apiVersionOf(kind)))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  }
  if (key !== 'apiVersion') return [];
  const kind = top('kind');
  const versions = new Set(served.filter((one) => !kind || one.kind === kind).map(apiVersionOf));
  return [...versions].sort().map((version) => option(version, ''));
}

/** The fields that lead to a column of the last line, from the outside in; a list's element adds nothing. */
function pathAt(lines: readonly string[], column: number): readonly string[] {
  const path: string[] = [];
  const current = lines.at(-1)!;
  const dash = /^( *)- /.exec(current);
  let limit = column;
  let listColumn = dash ? dash[1]!.length : undefined;
  for (let row = lines.length - 2; row >= 0 && (limit > 0 || listColumn !== undefined); row--) {
    const line = readLine(lines[row]!);
    if (!line) continue;
    const isParentOfList = listColumn !== undefined && line.keyColumn <= listColumn && line.value === '';
    if (listColumn === undefined ? line.keyColumn < limit && line.value === '' : isParentOfList) {
      path.unshift(line.key);
      limit = line.keyColumn;
      listColumn = line.dashColumn;
    } else if (listColumn === undefined && line.keyColumn === limit && line.dashColumn !== undefined) listColumn = line.dashColumn;
  }
  return path;
}

/** Keys that stand beside the place already. */
function siblings(lines: readonly string[], row: number, column: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const step of [-1, 1]) {
    for (let at = row + step; at >= 0 && at < lines.length; at += step) {
      const line = readLine(lines[at]!);
      if (!line) continue;
      if (line.keyColumn < column) break;
      if (step === 1 && line.keyColumn === column && line.dashColumn !== undefined) break;
      if (line.keyColumn === column) found.add(line.key);
      if (step === -1 && line.keyColumn === column && line.dashColumn !== undefined) break;
    }
  }
  return found;
}

function typeAt(path: readonly string[], model: string | undefined): SchemaType | undefined {
  if (model === undefined || !hasModel(model)) return undefined;
  let type: SchemaType | undefined = { kind: 'object', name: model, isAtomic: false, model: modelSchema(model) };
  for (const name of path) {
    if (type?.kind === 'object') type = type.model.fields.get(name)?.type;
    else if (type?.kind === 'map') type = type.value;
    else return undefined;
    while (type?.kind === 'list') type = type.item;
  }
  return type;
}

const startFields: readonly Completion[] = ['apiVersion', 'kind'].map((label) => ({ label, detail: 'string', insert: `${label}: ` }));

function fieldsOf(type: SchemaType | undefined, isTop: boolean): readonly Completion[] {
  if (type?.kind !== 'object') return isTop ? startFields : [];
  return [...type.model.fields.values()].map(({ name, type: own, isRequired }) => ({
    label: name,
    detail: `${typeName(own)}${isRequired ? ', required' : ''}`,
    insert: own.kind === 'scalar' ? `${name}: ` : `${name}:`,
  }));
}

function typeName(type: SchemaType): string {
  if (type.kind === 'list') return `[]${typeName(type.item)}`;
  if (type.kind === 'map') return `map of ${typeName(type.value)}`;
  return type.kind === 'object' ? type.name : type.scalar;
}
