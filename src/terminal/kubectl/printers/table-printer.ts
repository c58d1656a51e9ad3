/** Tables of the server as text: which columns are shown, which are added, headers once. Upstream: cli-runtime/pkg/printers/tableprinter.go. */
import { parseTime } from '../../../emulator/kernel/index.ts';
import { humanDuration } from '../../../emulator/machinery/duration.ts';
import type { Json } from '../json.ts';
import type { ApiResource } from '../rest/discovery.ts';
import { groupKind } from '../rest/mapper.ts';
import type { TabWriter } from './tabwriter.ts';

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority: number;
}
interface TableRow {
  readonly cells: readonly Json[];
  readonly object?: Json;
}
export interface Table {
  readonly kind: 'Table';
  readonly columnDefinitions?: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

interface TableOptions {
  readonly noHeaders: boolean;
  readonly isWide: boolean;
  readonly withNamespace: boolean;
  readonly showLabels: boolean;
  /** -L: a column for each of these labels. */
  readonly labelColumns: readonly string[];
  /** Unix time, for the ages of objects that are no table. */
  readonly unixMs: number;
  /** Puts `deployment.apps/` before names. */
  readonly withKind?: ApiResource | undefined;
}

export class TablePrinter {
  readonly #options: TableOptions;
  #columns: readonly TableColumn[] | undefined;
  #hasHeaders = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** Writes a table, or an object that the server did not turn into one, to the columns of a writer. */
  print(object: Json, writer: TabWriter, eventType?: string): void {
    const table: Table = object.kind === 'Table' ? object : asTable(object, this.#options.unixMs);
    const given = table.columnDefinitions ?? [];
    const isSame = given.length === 0 || sameColumns(given, this.#columns);
    const showHeaders = !this.#options.noHeaders && !(this.#hasHeaders && isSame) && table.rows.length > 0;
    if (given.length > 0) this.#columns = given;
    if (table.rows.length > 0) this.#hasHeaders = true;
    const columns = this.#columns ?? [];
    const shown = columns.flatMap((column, i) => (this.#options.isWide || column.priority === 0 ? [i] : []));
    if (showHeaders)
      writer.write(
        `${this.#headers(
          shown.map((i) => columns[i]!.name),
          eventType !== undefined,
        ).join('\t')}\n`,
      );
    const nameColumn = this.#options.withKind ? columns.findIndex((column) => column.format === 'name' && column.type === 'string') : -1;
    for (const row of table.rows) writer.write(`${this.#row(row, shown, nameColumn, eventType).join('\t')}\n`);
  }

  #headers(names: readonly string[], hasEvent: boolean): string[] {
    const { withNamespace, labelColumns, showLabels } = this.#options;
    return [
      ...(hasEvent ? ['EVENT'] : []),
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...names.map((name) => name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ];
  }

  #row(row: TableRow, shown: readonly number[], nameColumn: number, eventType: string | undefined): string[] {
    const { withNamespace, labelColumns, showLabels, withKind } = this.#options;
    const metadata = row.object?.metadata;
    const cells = shown.map((i) =>
      i === nameColumn && withKind ? `${groupKind(withKind)}/${cellText(row.cells[i])}` : cellText(row.cells[i]),
    );
    return [
      ...(eventType === undefined ? [] : [eventType.padEnd(8)]),
      ...(withNamespace ? [metadata?.namespace ?? ''] : []),
      ...cells,
      ...labelColumns.map((label) => metadata?.labels?.[label] ?? ''),
      ...(showLabels ? [formatLabels(metadata?.labels)] : []),
    ];
  }
}

/** `a=1,b=2` in the order of the keys, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? '<none>' : pairs.map(([key, value]) => `${key}=${value}`).join(',');
}

function cellText(cell: Json): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const end = cell.search(/[\f\n\r]/);
  return escapeTerminal(end < 0 ? cell : `${cell.slice(0, end)}...`);
}

/** Escape characters cannot reach the terminal. */
export function escapeTerminal(text: string): string {
  return text.includes('\x1b') ? text.replaceAll('\x1b', '^[') : text;
}

function sameColumns(a: readonly TableColumn[], b: readonly TableColumn[] | undefined): boolean {
  return a === b || (a.length === b?.length && a.every((column, i) => column.name === b[i]!.name && column.priority === b[i]!.priority));
}

function asTable(object: Json, unixMs: number): Table {
  const items: readonly Json[] = Array.isArray(object.items) ? object.items : [object];
  const columnDefinitions = [
    { name: 'Name', type: 'string', format: 'name', priority: 0 },
    { name: 'Age', type: 'string', priority: 0 },
  ];
  return {
    kind: 'Table',
    columnDefinitions,
    rows: items.map((item) => {
      const created = parseTime(item.metadata?.creationTimestamp ?? '');
      return { cells: [item.metadata?.name ?? '', created === undefined ? '<unknown>' : humanDuration(unixMs - created)], object: item };
    }),
  };
}
