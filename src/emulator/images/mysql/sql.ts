/** The SQL that the emulated MySQL understands: databases, tables, rows, and questions about the server. */
import type { TableStore } from './table-store.ts';

export type Cell = string | number | null;

export type Result =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly affected: number }
  | { readonly database: string };

/** An error as MySQL numbers them. */
export class SqlError extends Error {
  readonly code: number;
  readonly state: string;

  constructor(code: number, state: string, message: string) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
    this.state = state;
  }
}

/** Who asks, and of what server. */
export interface SqlSession {
  readonly store: TableStore;
  database: string;
  readonly user: string;
  /** `@@hostname`, `@@server_id` and the like. */
  readonly variables: Readonly<Record<string, Cell>>;
  readonly now: () => string;
}

const syntaxError = (near: string): SqlError =>
  new SqlError(
    1064,
    '42000',
    `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${near}' at line 1`,
  );

const tokenPattern = /`([^`]*)`|'((?:[^'\\]|\\.|'')*)'|"((?:[^"\\]|\\.)*)"|@@?[\w.]+|\d+(?:\.\d+)?|[A-Za-z_][\w$]*|<=|>=|<>|!=|\S/g;

interface Token {
  readonly text: string;
  /** A literal's value, or a name in backticks. */
  readonly kind: 'word' | 'string' | 'number' | 'sign';
  readonly at: number;
}

function tokensOf(sql: string): Token[] {
  return [...sql.matchAll(tokenPattern)].map((match) => {
    const [all, name, single, double] = match;
    const quoted = single ?? double;
    const at = match.index;
    if (name !== undefined) return { text: name, kind: 'word', at };
    if (quoted !== undefined)
      return { text: quoted.replaceAll("''", "'").replace(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c)), kind: 'string', at };
    if (/^\d/.test(all)) return { text: all, kind: 'number', at };
    return { text: all, kind: /^[A-Za-z_@]/.test(all) ? 'word' : 'sign', at };
  });
}

/** Statements of a text, parted at semicolons outside of quotes. */
export function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const { text: token, kind, at } of tokensOf(text)) {
    if (kind !== 'sign' || token !== ';') continue;
    statements.push(text.slice(from, at));
    from = at + 1;
  }
  statements.push(text.slice(from));
  return statements.map((one) => one.trim()).filter((one) => one !== '');
}

type Where = ((row: Readonly<Record<string, Cell>>) => boolean) | undefined;

/** Runs one statement. Throws an SqlError. */
export function execute(session: SqlSession, sql: string): Result {
  return new Statement(session, sql).run();
}

class Statement {
  readonly #session: SqlSession;
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(session: SqlSession, sql: string) {
    this.#session = session;
    this.#sql = sql;
    this.#tokens = tokensOf(sql);
  }

  run(): Result {
    const verbs: Readonly<Record<string, () => Result>> = {
      SELECT: () => this.#select(),
      INSERT: () => this.#insert(),
      UPDATE: () => this.#update(),
      DELETE: () => this.#delete(),
      CREATE: () => this.#create(),
      DROP: () => this.#drop(),
      SHOW: () => this.#show(),
      USE: () => this.#use(),
    };
    const verb = this.#next().text.toUpperCase();
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!run) {
      if (
        /^(ALTER|GRANT|REVOKE|FLUSH|SET|START|STOP|CHANGE|RESET|LOCK|UNLOCK|BEGIN|COMMIT|ROLLBACK|EXPLAIN|DESCRIBE|DESC|TRUNCATE)$/.test(
          verb,
        )
      )
        throw new SqlError(1235, '42000', `This version of MySQL doesn't yet support '${verb}'`);
      throw syntaxError(this.#sql);
    }
    const result = run();
    if (this.#at < this.#tokens.length) throw syntaxError(this.#sql.slice(this.#tokens[this.#at]!.at));
    return result;
  }

  #peek(): string {
    const token = this.#tokens[this.#at];
    return token && token.kind !== 'string' ? token.text.toUpperCase() : '';
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw syntaxError('');
    return token;
  }

  #accept(...words: readonly string[]): boolean {
    const isThere = words.every((word, i) => {
      const token = this.#tokens[this.#at + i];
      return token !== undefined && token.kind !== 'string' && token.text.toUpperCase() === word;
    });
    if (isThere) this.#at += words.length;
    return isThere;
  }

  #expect(word: string): void {
    if (!this.#accept(word)) throw syntaxError(this.#sql.slice(this.#tokens[this.#at]?.at ?? this.#sql.length));
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== 'word') throw syntaxError(this.#sql.slice(token.at));
    return token.text;
  }

  #list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#accept(',')) items.push(item());
    return items;
  }

  #table(): readonly [database: string, table: string] {
    const name = this.#name();
    if (this.#accept('.')) return [name, this.#name()];
    if (this.#session.database === '') throw new SqlError(1046, '3D000', 'No database selected');
    return [this.#session.database, name];
  }

  /** A literal, a variable or a function of the server. */
  #value(): Cell {
    const token = this.#next();
    if (token.kind === 'string') return token.text;
    if (token.kind === 'number') return Number(token.text);
    if (token.text === '-') return -Number(this.#next().text);
    const word = token.text.toUpperCase();
    if (word === 'NULL') return null;
    if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE' ? 1 : 0;
    if (word.startsWith('@@')) return this.#variable(token.text.replace(/^@@(global\.|session\.)?/i, '').toLowerCase());
    const known: Readonly<Record<string, () => Cell>> = {
      NOW: () => this.#session.now(),
      VERSION: () => this.#variable('version'),
      DATABASE: () => this.#session.database || null,
      USER: () => this.#session.user,
      CURRENT_USER: () => this.#session.user,
    };
    if (Object.hasOwn(known, word) && this.#accept('(', ')')) return known[word]!();
    throw new SqlError(1054, '42S22', `Unknown column '${token.text}' in 'field list'`);
  }

  #variable(name: string): Cell {
    const value = this.#session.variables[name];
    if (value === undefined) throw new SqlError(1193, 'HY000', `Unknown system variable '${name}'`);
    return value;
  }

  #select(): Result {
    const from = this.#tokens.findIndex(({ text, kind }) => kind === 'word' && text.toUpperCase() === 'FROM');
    if (from < 0) {
      const columns: string[] = [];
      const row = this.#list(() => {
        const start = this.#tokens[this.#at]?.at ?? 0;
        const value = this.#value();
        columns.push(
          this.#accept('AS')
            ? this.#name()
            : this.#sql
                .slice(start, this.#tokens[this.#at]?.at)
                .trim()
                .replace(/^'(.*)'$/, '$1'),
        );
        return value;
      });
      return { columns, rows: [row] };
    }
    const wanted = this.#accept('*') ? undefined : this.#list(() => (this.#accept('COUNT', '(', '*', ')') ? 'COUNT(*)' : this.#name()));
    this.#expect('FROM');
    const { table, columns } = this.#session.store.read(...this.#table());
    const where = this.#where();
    let rows = where ? table.rows.filter((row) => where(record(columns, row))) : [...table.rows];
    if (this.#accept('ORDER', 'BY')) {
      const place = this.#column(columns, this.#name());
      const down = this.#accept('DESC') ? -1 : 1;
      this.#accept('ASC');
      rows.sort((a, b) => (a[place] === b[place] ? 0 : (a[place] ?? '') < (b[place] ?? '') ? -down : down));
    }
    if (this.#accept('LIMIT')) rows = rows.slice(0, Number(this.#next().text));
    if (wanted?.length === 1 && wanted[0] === 'COUNT(*)') return { columns: wanted, rows: [[rows.length]] };
    const shown = wanted ?? columns;
    const places = shown.map((name) => this.#column(columns, name));
    return { columns: shown, rows: rows.map((row) => places.map((place) => row[place] ?? null)) };
  }

  #column(columns: readonly string[], name: string): number {
    const place = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
    if (place < 0) throw new SqlError(1054, '42S22', `Unknown column '${name}' in 'field list'`);
    return place;
  }

  /** Comparisons joined by AND. */
  #where(): Where {
    if (!this.#accept('WHERE')) return undefined;
    const tests: ((row: Readonly<Record<string, Cell>>) => boolean)[] = [];
    do {
      const name = this.#name().toLowerCase();
      const operator = this.#next().text;
      const value = this.#value();
      tests.push((row) => {
        if (row[name] === undefined) throw new SqlError(1054, '42S22', `Unknown column '${name}' in 'where clause'`);
        return compare(row[name], operator, value);
      });
    } while (this.#accept('AND'));
    return (row) => tests.every((test) => test(row));
  }

  #insert(): Result {
    this.#writable();
    this.#accept('INTO');
    const place = this.#table();
    const { columns } = this.#session.store.read(...place);
    let named: readonly string[] = columns;
    if (this.#accept('(')) {
      named = this.#list(() => this.#name());
      this.#expect(')');
    }
    if (!this.#accept('VALUES')) this.#expect('VALUE');
    const rows = this.#list(() => {
      this.#expect('(');
      const values = this.#list(() => this.#value());
      this.#expect(')');
      return values;
    });
    const places = named.map((name) => this.#column(columns, name));
    rows.forEach((row, i) => {
      if (row.length !== named.length) throw new SqlError(1136, '21S01', `Column count doesn't match value count at row ${i + 1}`);
    });
    const whole = rows.map((row) => columns.map((_, i) => row[places.indexOf(i)] ?? null));
    this.#session.store.append(...place, whole);
    return { affected: rows.length };
  }

  #update(): Result {
    this.#writable();
    const place = this.#table();
    const { table, columns } = this.#session.store.read(...place);
    this.#expect('SET');
    const changes = this.#list(() => {
      const column = this.#column(columns, this.#name());
      this.#expect('=');
      return [column, this.#value()] as const;
    });
    const where = this.#where();
    let affected = 0;
    const rows = table.rows.map((row) => {
      if (where && !where(record(columns, row))) return row;
      affected++;
      return row.map((cell, i) => changes.find(([column]) => column === i)?.[1] ?? cell);
    });
    this.#session.store.replace(...place, rows);
    return { affected };
  }

  #delete(): Result {
    this.#writable();
    this.#expect('FROM');
    const place = this.#table();
    const { table, columns } = this.#session.store.read(...place);
    const where = this.#where();
    const rows = where ? table.rows.filter((row) => !where(record(columns, row))) : [];
    this.#session.store.replace(...place, rows);
    return { affected: table.rows.length - rows.length };
  }

  #create(): Result {
    this.#writable();
    if (this.#accept('DATABASE') || this.#accept('SCHEMA')) {
      const mayExist = this.#accept('IF', 'NOT', 'EXISTS');
      return { affected: this.#session.store.createDatabase(this.#name(), mayExist) ? 1 : 0 };
    }
    this.#expect('TABLE');
    const mayExist = this.#accept('IF', 'NOT', 'EXISTS');
    const place = this.#table();
    this.#expect('(');
    const columns: { readonly name: string; readonly counts: boolean }[] = [];
    do {
      const words = this.#definition();
      if (!/^(PRIMARY|KEY|INDEX|UNIQUE|CONSTRAINT|FOREIGN)$/i.test(words[0]!))
        columns.push({ name: words[0]!, counts: words.some((word) => /^auto_increment$/i.test(word)) });
    } while (this.#accept(','));
    this.#expect(')');
    this.#at = this.#tokens.length;
    this.#session.store.createTable(...place, columns, mayExist);
    return { affected: 0 };
  }

  /** The words of one column's definition, to the next comma outside of parentheses. */
  #definition(): string[] {
    const words: string[] = [];
    for (let depth = 0; depth > 0 || (this.#peek() !== ',' && this.#peek() !== ')'); ) {
      const { text } = this.#next();
      if (text === '(') depth++;
      else if (text === ')') depth--;
      words.push(text);
    }
    if (words.length === 0) throw syntaxError(this.#sql.slice(this.#tokens[this.#at]?.at));
    return words;
  }

  #drop(): Result {
    this.#writable();
    const isDatabase = this.#accept('DATABASE') || this.#accept('SCHEMA');
    if (!isDatabase) this.#expect('TABLE');
    const mayLack = this.#accept('IF', 'EXISTS');
    if (isDatabase) this.#session.store.dropDatabase(this.#name(), mayLack);
    else this.#session.store.dropTable(...this.#table(), mayLack);
    return { affected: 0 };
  }

  #show(): Result {
    if (this.#accept('DATABASES') || this.#accept('SCHEMAS'))
      return { columns: ['Database'], rows: this.#session.store.databases().map((name) => [name]) };
    if (this.#accept('TABLES')) {
      const database = this.#accept('FROM') ? this.#name() : this.#session.database;
      if (database === '') throw new SqlError(1046, '3D000', 'No database selected');
      return { columns: [`Tables_in_${database}`], rows: this.#session.store.tables(database).map((name) => [name]) };
    }
    this.#accept('GLOBAL');
    this.#expect('VARIABLES');
    const pattern = this.#accept('LIKE') ? this.#next().text : '%';
    const test = new RegExp(
      `^${pattern
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%', '.*')
        .replaceAll('_', '.')}$`,
      'i',
    );
    const rows = Object.entries(this.#session.variables).filter(([name]) => test.test(name));
    return { columns: ['Variable_name', 'Value'], rows };
  }

  #use(): Result {
    const database = this.#name();
    this.#session.store.tables(database);
    this.#session.database = database;
    return { database };
  }

  #writable(): void {
    if (this.#session.variables.read_only === 1 && !this.#session.user.startsWith('root@'))
      throw new SqlError(1290, 'HY000', 'The MySQL server is running with the --read-only option so it cannot execute this statement');
  }
}

function record(columns: readonly string[], row: readonly Cell[]): Readonly<Record<string, Cell>> {
  return Object.fromEntries(columns.map((name, i) => [name.toLowerCase(), row[i] ?? null]));
}

function compare(left: Cell, operator: string, right: Cell): boolean {
  if (left === null || right === null) return false;
  const [a, b] = typeof left === 'number' || typeof right === 'number' ? [Number(left), Number(right)] : [left, right];
  switch (operator) {
    case '=':
      return a === b;
    case '<>':
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      throw syntaxError(operator);
  }
}
