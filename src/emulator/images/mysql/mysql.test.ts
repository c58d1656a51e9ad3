import { describe, expect, test } from 'vitest';
import { FileSystem, utf8 } from '../../kernel/index.ts';
import { execute, SqlError, statementsOf } from './sql.ts';
import { TableStore } from './table-store.ts';

function begin() {
  const fs = new FileSystem(() => 0);
  fs.mkdirs('/var/lib/mysql');
  const store = new TableStore(fs, '/var/lib/mysql');
  const variables = { hostname: 'web-0', server_id: 7, read_only: 0, version: '8.0.43' };
  return { fs, store, database: '', user: 'root@localhost', variables, now: () => '2026-01-01 00:00:00' };
}

/** What the last of several statements gives: rows, or an error as the client prints it. */
function run(...statements: readonly string[]): unknown {
  const session = begin();
  try {
    let last: unknown;
    for (const statement of statements) last = execute(session, statement);
    return typeof last === 'object' && last !== null && 'rows' in last ? last.rows : last;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const shop = [
  'CREATE DATABASE shop',
  'USE shop',
  'CREATE TABLE items (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), price DECIMAL(5,2))',
];
const filled = [...shop, "INSERT INTO items (name, price) VALUES ('tea', 3), ('it''s', 2.5)"];

describe('statements', () => {
  test.each<{ name: string; statements: readonly string[]; want: unknown }>([
    { name: 'a number', statements: ['SELECT 1'], want: [[1]] },
    {
      name: 'about the server',
      statements: ['select @@hostname, @@server_id, VERSION(), DATABASE()'],
      want: [['web-0', 7, '8.0.43', null]],
    },
    {
      name: 'databases',
      statements: ['create database if not exists shop', 'SHOW DATABASES'],
      want: [['information_schema'], ['mysql'], ['performance_schema'], ['shop'], ['sys']],
    },
    {
      name: 'rows that count themselves',
      statements: [...filled, 'SELECT * FROM items'],
      want: [
        [1, 'tea', 3],
        [2, "it's", 2.5],
      ],
    },
    {
      name: 'some rows',
      statements: [...filled, "SELECT name FROM items WHERE price < 3 AND name <> 'x' ORDER BY id DESC LIMIT 1"],
      want: [["it's"]],
    },
    { name: 'how many', statements: [...filled, 'SELECT COUNT(*) FROM shop.items'], want: [[2]] },
    {
      name: 'a change',
      statements: [...filled, "UPDATE items SET price = 9 WHERE name = 'tea'", 'SELECT price FROM items'],
      want: [[9], [2.5]],
    },
    { name: 'a removal', statements: [...filled, 'DELETE FROM items WHERE id = 1', 'SELECT id FROM items'], want: [[2]] },
    { name: 'tables', statements: [...shop, 'SHOW TABLES'], want: [['items']] },
    { name: 'variables', statements: ["SHOW VARIABLES LIKE 'server%'"], want: [['server_id', 7]] },
    { name: 'no database', statements: ['SHOW TABLES'], want: '1046 No database selected' },
    { name: 'an unknown database', statements: ['USE nope'], want: "1049 Unknown database 'nope'" },
    { name: 'an unknown table', statements: [...shop, 'SELECT * FROM nope'], want: "1146 Table 'shop.nope' doesn't exist" },
    { name: 'an unknown column', statements: [...shop, 'SELECT nope FROM items'], want: "1054 Unknown column 'nope' in 'field list'" },
    { name: 'twice', statements: [...shop, 'CREATE DATABASE shop'], want: "1007 Can't create database 'shop'; database exists" },
    {
      name: 'too few values',
      statements: [...shop, "INSERT INTO items VALUES ('x')"],
      want: "1136 Column count doesn't match value count at row 1",
    },
    {
      name: 'what it does not do',
      statements: ['GRANT ALL ON shop TO me'],
      want: "1235 This version of MySQL doesn't yet support 'GRANT'",
    },
    {
      name: 'nonsense',
      statements: ['frobnicate'],
      want: "1064 You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'frobnicate' at line 1",
    },
    { name: 'an end that is missing', statements: ['CREATE TABLE x.y (id INT'], want: expect.stringContaining('1064 ') },
  ])('$name', ({ statements, want }) => expect(run(...statements)).toEqual(want));

  test('meet a file that somebody else has written', () => {
    const session = begin();
    for (const statement of shop) execute(session, statement);
    session.fs.writeFile('/var/lib/mysql/shop/items.ibd', utf8('scribble'));
    expect(() => execute(session, 'SELECT * FROM items')).toThrow("Got error 168 - 'Unknown (generic) error from engine'");
  });

  test('are parted at semicolons outside of quotes', () => {
    expect(statementsOf("SELECT 'a;b'; ; SELECT 2;")).toEqual(["SELECT 'a;b'", 'SELECT 2']);
  });
});
