/** Tables in files below the data directory, one a table: what is on a volume outlives the Pod. */
import type { FileSystem } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import type { Cell } from './sql.ts';
import { SqlError } from './sql.ts';

interface Column {
  readonly name: string;
  /** AUTO_INCREMENT. */
  readonly counts: boolean;
}

interface Table {
  readonly columns: readonly Column[];
  readonly next: number;
  readonly rows: readonly (readonly Cell[])[];
}

/** Databases that are there from the beginning and have no folder of their own. */
const systemDatabases = ['information_schema', 'mysql', 'performance_schema', 'sys'];

/** What a file holds; undefined if somebody else has written it. */
function tableIn(text: string): Table | undefined {
  try {
    const table = JSON.parse(text) as Partial<Table> | null;
    return Array.isArray(table?.columns) && Array.isArray(table.rows) ? (table as Table) : undefined;
  } catch {
    return undefined;
  }
}

export class TableStore {
  readonly #fs: FileSystem;
  readonly #directory: string;

  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs;
    this.#directory = directory;
  }

  #path(database: string, table?: string): string {
    const path = `${this.#directory}/${database}`;
    return table === undefined ? path : `${path}/${table}.ibd`;
  }

  databases(): string[] {
    const own = this.#fs
      .list(this.#directory)
      .filter((name) => !systemDatabases.includes(name) && this.#fs.find(this.#path(name))?.kind === 'directory');
    return [...systemDatabases, ...own].filter((name) => name !== 'lost+found').sort();
  }

  /** False if it was there already and may be. */
  createDatabase(name: string, mayExist: boolean): boolean {
    if (this.databases().includes(name)) {
      if (mayExist) return false;
      throw new SqlError(1007, 'HY000', `Can't create database '${name}'; database exists`);
    }
    this.#fs.mkdirs(this.#path(name));
    return true;
  }

  dropDatabase(name: string, mayLack: boolean): void {
    const isOwn = this.databases().includes(name) && !systemDatabases.includes(name);
    if (isOwn) this.#fs.remove(this.#path(name), { recursive: true });
    else if (!mayLack) throw new SqlError(1008, 'HY000', `Can't drop database '${name}'; database doesn't exist`);
  }

  tables(database: string): string[] {
    if (!this.databases().includes(database)) throw new SqlError(1049, '42000', `Unknown database '${database}'`);
    if (systemDatabases.includes(database)) return [];
    return this.#fs
      .list(this.#path(database))
      .map((name) => name.replace(/\.ibd$/, ''))
      .sort();
  }

  createTable(database: string, table: string, columns: readonly Column[], mayExist: boolean): void {
    if (this.tables(database).includes(table)) {
      if (mayExist) return;
      throw new SqlError(1050, '42S01', `Table '${table}' already exists`);
    }
    this.#write(database, table, { columns, next: 1, rows: [] });
  }

  dropTable(database: string, table: string, mayLack: boolean): void {
    if (this.tables(database).includes(table)) this.#fs.remove(this.#path(database, table));
    else if (!mayLack) throw new SqlError(1051, '42S02', `Unknown table '${database}.${table}'`);
  }

  read(database: string, name: string): { readonly table: Table; readonly columns: readonly string[] } {
    if (!this.tables(database).includes(name)) throw new SqlError(1146, '42S02', `Table '${database}.${name}' doesn't exist`);
    const table = tableIn(textOf(this.#fs.readFile(this.#path(database, name))));
    if (!table) throw new SqlError(1030, 'HY000', `Got error 168 - 'Unknown (generic) error from engine' from storage engine`);
    return { table, columns: table.columns.map((column) => column.name) };
  }

  append(database: string, name: string, rows: readonly (readonly Cell[])[]): void {
    const { table } = this.read(database, name);
    let { next } = table;
    const counted = rows.map((row) => row.map((cell, i) => (cell === null && table.columns[i]!.counts ? next++ : cell)));
    this.#write(database, name, { ...table, next, rows: [...table.rows, ...counted] });
  }

  replace(database: string, name: string, rows: readonly (readonly Cell[])[]): void {
    this.#write(database, name, { ...this.read(database, name).table, rows });
  }

  #write(database: string, name: string, table: Table): void {
    this.#fs.writeFile(this.#path(database, name), utf8(JSON.stringify(table)));
  }
}
