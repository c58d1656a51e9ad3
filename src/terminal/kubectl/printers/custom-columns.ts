/** -o custom-columns=HEADER:path,… and its file form. Upstream: kubectl/pkg/cmd/get/customcolumn.go. */
import { parseJsonPath } from '../../../emulator/machinery/jsonpath.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { relaxedJsonPath } from './relaxed-jsonpath.ts';
import { escapeTerminal } from './table-printer.ts';
import { TabWriter } from './tabwriter.ts';

interface CustomColumn {
  readonly header: string;
  readonly path: string;
}

export function parseColumns(spec: string): CustomColumn[] {
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0) throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: relaxedJsonPath(part.slice(colon + 1)) };
  });
}

/** A line of headers and a line of paths. */
export function parseColumnsFile(text: string): CustomColumn[] {
  const [headers, paths] = text.split('\n').map((line) => line.trim().split(/\s+/));
  const expected = 'Expected format is one line of space separated headers, one line of space separated column specs.';
  if (!headers || headers[0] === '') throw new CommandError(`invalid template, missing header line. ${expected}`);
  if (!paths || paths[0] === '') throw new CommandError(`invalid template, missing spec line. ${expected}`);
  if (headers.length !== paths.length)
    throw new CommandError(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`);
  return headers.map((header, i) => ({ header, path: relaxedJsonPath(paths[i]!) }));
}

export class CustomColumnsPrinter {
  readonly #columns: readonly { readonly header: string; readonly path: ReturnType<typeof parseJsonPath> }[];
  readonly #writer = new TabWriter();
  #hasHeaders: boolean;

  constructor(columns: readonly CustomColumn[], noHeaders: boolean) {
    this.#columns = columns.map(({ header, path }) => ({ header, path: parseJsonPath(path, { allowMissingKeys: true }) }));
    this.#hasHeaders = noHeaders;
  }

  print(object: Json): string {
    if (!this.#hasHeaders) this.#writer.write(`${this.#columns.map((column) => column.header).join('\t')}\n`);
    this.#hasHeaders = true;
    for (const item of Array.isArray(object.items) ? object.items : [object])
      this.#writer.write(`${this.#columns.map(({ path }) => cell(path.findResults(item))).join('\t')}\n`);
    return this.#writer.flush();
  }
}

function cell(results: readonly (readonly unknown[])[]): string {
  if ((results[0]?.length ?? 0) === 0) return ['<none>', ...results.flat().map(goText)].join(',');
  return results
    .flat()
    .map((value) => escapeTerminal(goText(value)))
    .join(',');
}

/** A value as Go's fmt.Sprint prints it. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = value as Readonly<Record<string, unknown>>;
  return `map[${Object.keys(fields)
    .sort()
    .map((key) => `${key}:${goText(fields[key])}`)
    .join(' ')}]`;
}
