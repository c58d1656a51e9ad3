/** txn: comparisons and requests line by line, each part ended by an empty line. Upstream: etcdctl/ctlv3/command/txn_command.go, util.go (Argify). */
import type { KvCompare, KvRequest } from '../../../emulator/control-plane/etcd/index.ts';
import { isReadOnly } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, LineReader, Sys } from '../../../emulator/kernel/index.ts';
import { createLineReader, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { Context } from './context.ts';
import { exitCodes, headerOf, UsageError } from './context.ts';
import { readFlags } from './flags.ts';
import { deleteRequest, putRequest, rangeRequest, resultMessage } from './keys.ts';
import type { Message } from './messages.ts';
import { print } from './print.ts';

const invalid = (message: string): UsageError => new UsageError(message, exitCodes.invalidInput);

/** A Go program that panics ends with 2. */
const panic = (what: string): UsageError => new UsageError(`panic: ${what}\n\ngoroutine 1 [running]:`, 2);

/** What stands between double quotes, with Go's escapes. */
function unquoted(word: string): string {
  if (word.startsWith('`')) return word.slice(1, -1);
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return word
    .slice(1, -1)
    .replaceAll(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g, (_, byte: string, unit: string, letter: string) =>
      letter === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (named[letter] ?? letter),
    );
}

/** Words of a line. A word in single quotes is cut off where upstream cuts it: after as many letters as the line has words, less one. */
export function argify(line: string): string[] {
  const words: string[] = line.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^'"\s]\S*[^'"\s]?/g) ?? [];
  return words.map((word) => (word.startsWith("'") ? word.slice(1, words.length - 1) : word.startsWith('"') ? unquoted(word) : word));
}

export function parseCompare(line: string): KvCompare {
  const at = line.indexOf('(');
  if (at < 0) throw invalid(`malformed comparison: ${line}`);
  const target = line.slice(0, at);
  const quoted = '"(?:[^"\\\\]|\\\\.)*"|`[^`]*`';
  const [, first, operator, second] = new RegExp(`^\\s*(${quoted})(?:\\)\\s*(\\S+)(?:\\s+(${quoted}))?)?`).exec(line.slice(at + 1)) ?? [];
  const key = first === undefined ? '' : unquoted(first);
  if (second === undefined) throw invalid(`malformed comparison: ${line}; got ${target}(${quote(key)}) ${operator ?? ''} ${quote('')}`);
  const value = unquoted(second);
  const name = {
    ver: 'version',
    version: 'version',
    c: 'create',
    create: 'create',
    m: 'mod',
    mod: 'mod',
    val: 'value',
    value: 'value',
    lease: 'lease',
  }[target] as KvCompare['target'] | 'lease' | undefined;
  if (name === undefined) throw invalid(`malformed comparison: ${line} (unknown target ${target})`);
  if (name !== 'value' && name !== 'lease' && !/^[+-]?\d+$/.test(value)) throw invalid(`invalid txn compare request: ${line}`);
  if (operator !== '=' && operator !== '!=' && operator !== '>' && operator !== '<') throw panic('Unknown result op');
  if (name === 'lease') throw panic('bad value');
  return name === 'value'
    ? { key, result: operator, target: name, value: utf8(value) }
    : { key, result: operator, target: name, value: Number(value) };
}

function* parseRequest(sys: Sys, line: string): Call<KvRequest> {
  const [verb = '', ...words] = argify(line);
  if (words.length === 0) throw invalid(`invalid txn compare request: ${line}`);
  const path = ['put', 'get', 'del'].find((known) => known === verb);
  const read = path === undefined ? undefined : readFlags(path, words);
  if (path === undefined || !read || 'problem' in read) throw invalid(`invalid txn request: ${line}`);
  if (path === 'get') return rangeRequest(read);
  return yield* path === 'put' ? putRequest(sys, read) : deleteRequest(sys, read);
}

/** Lines up to an empty one. Input that ends before is not whole. */
function* readPart<T>(lines: LineReader, parse: (line: string) => Call<T>): Call<T[]> {
  const found: T[] = [];
  for (;;) {
    const bytes = yield* lines.next();
    if (bytes === undefined) throw invalid('EOF');
    const line = textOf(bytes).trim();
    if (line === '') return found;
    found.push(yield* parse(line));
  }
}

const names = { range: 'response_range', put: 'response_put', delete: 'response_delete_range' };

export function* txn(context: Context): Call<number> {
  const { sys, given } = context;
  if (given.words.length > 0) throw new UsageError('txn command does not accept argument');
  const lines = createLineReader(sys, 0);
  const prompt = (text: string): Call<void> => sys.print(1, given.has('interactive') ? `${text}:\n` : '');
  yield* prompt('compares');
  const compare = yield* readPart(lines, function* (line) {
    return parseCompare(line);
  });
  yield* prompt('success requests (get, put, del)');
  const success = yield* readPart(lines, (line) => parseRequest(sys, line));
  yield* prompt('failure requests (get, put, del)');
  const failure = yield* readPart(lines, (line) => parseRequest(sys, line));
  const transaction = { compare, success, failure };
  const message = yield* context.call('KV/Txn', function* (etcd): Call<Message> {
    const { succeeded, revision, results } = yield* etcd.kv(transaction);
    const requests = succeeded ? success : failure;
    const responses = results.map((result, i) => {
      const request = requests[i]!;
      const inner = resultMessage(etcd, result, { revision: result.revision }, request.type === 'range' && request.isKeysOnly);
      return { [names[result.type]]: inner };
    });
    return { header: { ...headerOf(etcd), revision: isReadOnly(transaction) ? etcd.data.revision : revision }, succeeded, responses };
  });
  yield* print(context, 'txn', message);
  return 0;
}
