/** mysql, which asks a server, and mysqladmin, which asks whether there is one. */
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { ResolveError, resolveHost } from '../../node/network/resolver.ts';
import type { Cell } from './sql.ts';
import { statementsOf } from './sql.ts';
import type { Answer } from './wire.ts';
import { Wire } from './wire.ts';

const socket = '/var/run/mysqld/mysqld.sock';

/** Where the server is, and as whom to ask it. */
interface Server {
  host: string;
  port: number;
  user: string;
  password: string;
}

interface Options extends Server {
  hasPassword: boolean;
  statements: string | undefined;
  /** No names of columns. */
  skipsNames: boolean;
  /** Columns parted by tabs, though the output is a terminal. */
  isBatch: boolean;
  readonly rest: string[];
}

const valued: Readonly<Record<string, string>> = {
  h: 'host',
  P: 'port',
  u: 'user',
  e: 'execute',
  D: 'database',
  host: 'host',
  port: 'port',
  user: 'user',
  execute: 'execute',
  database: 'database',
};

/** Reads the flags; a text is what is wrong with them. */
function parse(sys: Sys): Options | string {
  const options: Options = {
    host: '',
    port: 3306,
    user: 'root',
    password: sys.env.get('MYSQL_PWD') ?? '',
    hasPassword: false,
    statements: undefined,
    skipsNames: false,
    isBatch: false,
    rest: [],
  };
  const args = sys.argv.slice(1);
  while (args.length > 0) {
    const arg = args.shift()!;
    if (!arg.startsWith('-')) {
      options.rest.push(arg);
      continue;
    }
    const [, long, longValue] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const letter = long === undefined ? (arg[1] ?? '') : '';
    const name = long ?? letter;
    if (name === 'p' || name === 'password') {
      const value = long === undefined ? arg.slice(2) || undefined : longValue;
      if (value === undefined) return 'Enter the password with the flag: this emulator cannot ask for it';
      options.password = value;
      options.hasPassword = true;
    } else if (Object.hasOwn(valued, name)) {
      const value = long === undefined ? arg.slice(2) || args.shift() : (longValue ?? args.shift());
      if (value === undefined) return `option '${arg}' requires an argument`;
      set(options, valued[name]!, value);
    } else if (['N', 'skip-column-names'].includes(name)) options.skipsNames = true;
    else if (['B', 'batch', 's', 'silent'].includes(name)) options.isBatch = true;
    else if (!['i', 'protocol', 'connect-timeout', 'v', 'w', 'wait'].includes(name)) return `unknown option '${arg}'`;
  }
  return options;
}

function set(options: Options, name: string, value: string): void {
  if (name === 'host') options.host = value;
  else if (name === 'port') options.port = Number(value);
  else if (name === 'user') options.user = value;
  else if (name === 'database') options.rest.unshift(value);
  else options.statements = value;
}

/** The connection, or why there is none; for other images' programs too. */
export function* openMysql(sys: Sys, { host, port, user, password }: Server, database: string): Call<Wire | string> {
  const isLocal = host === '' || host === 'localhost';
  try {
    const ip = isLocal ? '127.0.0.1' : yield* resolveHost(sys, host);
    const connection = yield* sys.net.connect({ ip, port });
    sys.own(() => connection.close());
    const wire = new Wire(sys, sys.net.open(connection));
    wire.send({ user, password, database });
    const greeting = yield* wire.receive<Answer>();
    if (!greeting) return "ERROR 2013 (HY000): Lost connection to MySQL server at 'reading initial communication packet', system error: 0";
    return 'error' in greeting ? errorText(greeting) : wire;
  } catch (error) {
    if (error instanceof ResolveError) return `ERROR 2005 (HY000): Unknown MySQL server host '${host}' (-2)`;
    if (!isErrno(error)) throw error;
    if (isLocal) return `ERROR 2002 (HY000): Can't connect to local MySQL server through socket '${socket}' (2)`;
    return `ERROR 2003 (HY000): Can't connect to MySQL server on '${host}:${port}' (${error.code === 'ECONNREFUSED' ? 111 : 110})`;
  }
}

function errorText({ error: { code, state, text } }: Extract<Answer, { error: unknown }>): string {
  return `ERROR ${code} (${state}): ${text}`;
}

/** `mysql [-h HOST] [-u USER] [-pPASSWORD] [-e STATEMENTS] [DATABASE]`; without -e statements come from the input. */
export const mysql = (version: string): Program =>
  function* (sys): Call<number> {
    const options = parse(sys);
    if (typeof options === 'string') {
      yield* sys.print(2, `mysql: [ERROR] ${options}.\n`);
      return 2;
    }
    if (options.hasPassword) yield* sys.print(2, 'mysql: [Warning] Using a password on the command line interface can be insecure.\n');
    const wire = yield* openMysql(sys, options, options.rest[0] ?? '');
    if (typeof wire === 'string') {
      yield* sys.print(2, `${wire}\n`);
      return 1;
    }
    const isTable = sys.isatty(1) && !options.isBatch;
    if (options.statements !== undefined) return yield* runAll(sys, wire, options.statements, { ...options, isTable, tellsMore: false });
    const isInteractive = sys.isatty(0);
    if (isInteractive)
      yield* sys.print(
        1,
        `Welcome to the MySQL monitor.  Commands end with ; or \\g.\nYour MySQL connection id is 8\nServer version: ${version} MySQL Community Server - GPL\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n`,
      );
    return yield* converse(sys, wire, { ...options, isTable, tellsMore: isInteractive });
  };

interface Printing {
  readonly isTable: boolean;
  readonly skipsNames: boolean;
  /** Tells how many rows there are, as at the prompt. */
  readonly tellsMore: boolean;
}

function* converse(sys: Sys, wire: Wire, printing: Printing): Call<number> {
  let pending = '';
  for (;;) {
    if (printing.tellsMore) yield* sys.print(1, pending === '' ? 'mysql> ' : '    -> ');
    const line = yield* readLine(sys);
    if (line === undefined) break;
    if (pending === '' && /^\s*(exit|quit|\\q)\s*;?\s*$/i.test(line)) break;
    pending += `${line}\n`;
    if (!/;\s*$/.test(pending)) continue;
    const status = yield* runAll(sys, wire, pending, printing);
    if (status !== 0 && !printing.tellsMore) return status;
    pending = '';
  }
  if (printing.tellsMore) yield* sys.print(1, 'Bye\n');
  else if (pending.trim() !== '') return yield* runAll(sys, wire, pending, printing);
  return 0;
}

function* readLine(sys: Sys): Call<string | undefined> {
  let line = '';
  for (;;) {
    const data = yield* sys.read(0, 1);
    if (data === '') return line === '' ? undefined : line;
    if (data === '\n') return line;
    line += data;
  }
}

function* runAll(sys: Sys, wire: Wire, text: string, printing: Printing): Call<number> {
  for (const statement of statementsOf(text)) {
    wire.send(statement);
    const answer = yield* wire.receive<Answer>();
    if (!answer) {
      yield* sys.print(2, 'ERROR 2013 (HY000): Lost connection to MySQL server during query\n');
      return 1;
    }
    if ('error' in answer) {
      const where = printing.tellsMore ? '' : ' at line 1';
      yield* sys.print(2, `${errorText(answer).replace('):', `)${where}:`)}\n`);
      return 1;
    }
    yield* sys.print(1, answerText(answer, printing));
  }
  return 0;
}

const cellText = (cell: Cell): string => (cell === null ? 'NULL' : String(cell));
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function answerText(answer: Exclude<Answer, { error: unknown }>, { isTable, skipsNames, tellsMore }: Printing): string {
  if ('database' in answer) return tellsMore ? 'Database changed\n' : '';
  if ('affected' in answer) return tellsMore ? `Query OK, ${plural(answer.affected, 'row')} affected (0.01 sec)\n\n` : '';
  const rows = answer.rows.map((row) => row.map(cellText));
  if (rows.length === 0) return tellsMore ? 'Empty set (0.00 sec)\n\n' : '';
  const lines = skipsNames ? rows : [answer.columns, ...rows];
  if (!isTable) return lines.map((row) => `${row.join('\t')}\n`).join('');
  const widths = answer.columns.map((_, i) => Math.max(...lines.map((row) => row[i]!.length)));
  const edge = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const isNumber = (column: number): boolean => answer.rows.every((row) => typeof row[column] === 'number');
  const texts = lines.map((row, line) => {
    const isHead = line === 0 && !skipsNames;
    const cells = row.map((cell, i) => (!isHead && isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return `| ${cells.join(' | ')} |\n${isHead ? edge : ''}`;
  });
  return `${edge}${texts.join('')}${edge}${tellsMore ? `${plural(rows.length, 'row')} in set (0.00 sec)\n\n` : ''}`;
}

/** `mysqladmin ping`: whether a server answers, even if it refuses the password. */
export const mysqladmin: Program = function* (sys): Call<number> {
  const options = parse(sys);
  if (typeof options === 'string') {
    yield* sys.print(2, `mysqladmin: [ERROR] ${options}.\n`);
    return 2;
  }
  const [command] = options.rest;
  if (command !== 'ping') {
    yield* sys.print(2, `mysqladmin: Unknown command: '${command ?? ''}'\n`);
    return 1;
  }
  if (options.hasPassword) yield* sys.print(2, 'mysqladmin: [Warning] Using a password on the command line interface can be insecure.\n');
  const wire = yield* openMysql(sys, options, '');
  if (typeof wire !== 'string') {
    yield* sys.print(1, 'mysqld is alive\n');
    return 0;
  }
  const isAlive = wire.includes('Access denied');
  const host = options.host || 'localhost';
  const hint = isAlive ? '' : `Check that mysqld is running and that the socket: '${socket}' exists!\n`;
  yield* sys.print(
    2,
    `mysqladmin: connect to server at '${host}' failed\nerror: '${wire.replace(/^ERROR \d+ \(\w+\): /, '')}'\n${host === 'localhost' ? hint : ''}`,
  );
  return isAlive ? 0 : 1;
};
