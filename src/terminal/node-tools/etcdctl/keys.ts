/** get, put, del and compaction. Upstream: etcdctl/ctlv3/command/{get,put,del,compaction}_command.go. */
import type {
  DeleteRequest,
  EtcdMember,
  KvResult,
  PutRequest,
  RangeRequest,
  SortTarget,
} from '../../../emulator/control-plane/etcd/index.ts';
import { prefixEnd, range } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { readAll, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { Context, Given } from './context.ts';
import { exitCodes, headerOf, kvMessage, UsageError } from './context.ts';
import { goInteger, hexInteger } from './integers.ts';
import type { Message } from './messages.ts';
import { print } from './print.ts';

/** What a key stands for, with --prefix and --from-key. */
function intervalOf({ words, has }: Given): { readonly key: string; readonly end: string | undefined } {
  const [key = '', end] = words;
  const isOpen = has('prefix') || has('from-key');
  if (end !== undefined && isOpen)
    throw new UsageError('too many arguments, only accept one argument when `--prefix` or `--from-key` is set');
  if (!isOpen) return { key, end };
  if (key === '') return { key: '\0', end: '\0' };
  return { key, end: has('prefix') ? prefixEnd(key) : '\0' };
}

function noBoth({ has }: Given, one: string, other: string): void {
  if (has(one) && has(other)) throw new UsageError(`\`--${one}\` and \`--${other}\` cannot be set at the same time, choose one`);
}

/** Whether what one member knows will do. */
export function isSerializable(given: Given): boolean {
  const word = given.text('consistency');
  if (word !== 's' && word !== 'l') throw new UsageError(`unknown consistency flag ${quote(word)}`, exitCodes.badFeature);
  return word === 's';
}

const orders = ['', 'ASCEND', 'DESCEND'];
const targets = ['', 'CREATE', 'KEY', 'MODIFY', 'VALUE', 'VERSION'];

export function rangeRequest(given: Given): RangeRequest {
  if (given.words.length === 0) throw new UsageError('get command needs one argument as key and an optional argument as range_end');
  noBoth(given, 'prefix', 'from-key');
  noBoth(given, 'keys-only', 'count-only');
  isSerializable(given);
  const interval = intervalOf(given);
  const [order, sortBy] = [given.text('order').toUpperCase(), given.text('sort-by').toUpperCase()];
  if (!orders.includes(order)) throw new UsageError(`bad sort order ${given.text('order')}`, exitCodes.badFeature);
  if (!targets.includes(sortBy)) throw new UsageError(`bad sort target ${given.text('sort-by')}`, exitCodes.badFeature);
  const bound = (name: string): number => Math.max(0, given.number(name));
  for (const what of ['Create', 'Mod']) {
    const [min, max] = [bound(`min-${what.toLowerCase()}-rev`), bound(`max-${what.toLowerCase()}-rev`)];
    if (max > 0 && min > max) throw new UsageError(`getMin${what}Rev(=${min}) > getMax${what}Rev(=${max})`, exitCodes.badFeature);
  }
  return {
    type: 'range',
    ...interval,
    revision: bound('rev'),
    limit: given.number('limit'),
    sortBy: (sortBy || 'KEY') as SortTarget,
    order: (order || 'NONE') as RangeRequest['order'],
    isKeysOnly: given.has('keys-only'),
    isCountOnly: given.has('count-only'),
    bounds: {
      minCreate: bound('min-create-rev'),
      maxCreate: bound('max-create-rev'),
      minMod: bound('min-mod-rev'),
      maxMod: bound('max-mod-rev'),
    },
  };
}

/** The value is a word, or all of standard input. */
export function* putRequest(sys: Sys, given: Given): Call<PutRequest> {
  const missing = (): UsageError => new UsageError('put command needs 1 argument and input from stdin or 2 arguments');
  const [key, word] = given.words;
  if (key === undefined) throw missing();
  const keepsValue = given.has('ignore-value');
  if (keepsValue && word !== undefined) throw new UsageError("put command needs only 1 argument when 'ignore-value' is set");
  let text = word;
  if (text === undefined && !keepsValue) {
    text = textOf(yield* readAll(sys, 0));
    if (text === '') throw missing();
  }
  const lease = hexInteger(given.text('lease'), 'bad lease ID');
  if (given.has('ignore-lease') && lease !== 0) throw new UsageError('etcdserver: lease is provided', exitCodes.error);
  return {
    type: 'put',
    key,
    value: text === undefined ? undefined : objectOf(text),
    bytes: text === undefined ? 0 : utf8(text).length,
    lease: given.has('ignore-lease') ? undefined : lease,
    isPreviousWanted: given.has('prev-kv'),
  };
}

/** An object of the API, which others read as one, or the text that it is. */
function objectOf(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed) return parsed;
  } catch {
    // Kept as text.
  }
  return { raw: text };
}

const noticeMs = 2000;

export function* deleteRequest(sys: Sys, given: Given): Call<DeleteRequest> {
  const { words } = given;
  if (words.length === 0 || words.length > 2)
    throw new UsageError('del command needs one argument as key and an optional argument as range_end');
  noBoth(given, 'prefix', 'from-key');
  const interval = intervalOf(given);
  if (words.length === 2 && !given.has('range')) {
    const warning = `Warning: Keys between ${quote(words[0]!)} and ${quote(words[1]!)} will be deleted. Please interrupt the command within next 2 seconds to cancel. You can provide \`--range\` flag to avoid the delay.\n`;
    yield* sys.print(2, warning);
    yield* sys.sleep(noticeMs);
  }
  return { type: 'delete', ...interval, isPreviousWanted: given.has('prev-kv') };
}

/** An answer as the message that etcd sends. `keysOnly` is of the range that was asked for. */
export function resultMessage(etcd: EtcdMember, result: KvResult, header: Message, keysOnly = false): Message {
  switch (result.type) {
    case 'range':
      return { header, kvs: result.entries.map((entry) => kvMessage(etcd, entry, keysOnly)), more: result.isMore, count: result.count };
    case 'put':
      return { header, prev_kv: result.previous && kvMessage(etcd, result.previous) };
    case 'delete':
      return { header, deleted: result.deleted, prev_kvs: result.previous.map((entry) => kvMessage(etcd, entry)) };
  }
}

export function* get(context: Context): Call<number> {
  const { given, call, format } = context;
  const request = rangeRequest(given);
  const message = yield* call('KV/Range', function* (etcd) {
    if (!isSerializable(given)) yield* etcd.linearizable();
    return resultMessage(etcd, range(etcd.data, request), headerOf(etcd), request.isKeysOnly);
  });
  if (request.isCountOnly && format !== 'fields') throw new UsageError('--count-only is only for `--write-out=fields`');
  if (context.isValueOnly && format !== 'simple') throw new UsageError('print-value-only is only for `--write-out=simple`');
  yield* print(context, 'range', message);
  return 0;
}

export function* put(context: Context): Call<number> {
  const request = yield* putRequest(context.sys, context.given);
  const message = yield* context.call('KV/Put', (etcd) => one(etcd, request));
  yield* print(context, 'put', message);
  return 0;
}

export function* del(context: Context): Call<number> {
  const request = yield* deleteRequest(context.sys, context.given);
  const message = yield* context.call('KV/DeleteRange', (etcd) => one(etcd, request));
  yield* print(context, 'delete', message);
  return 0;
}

function* one(etcd: EtcdMember, request: PutRequest | DeleteRequest): Call<Message> {
  const { results } = yield* etcd.kv({ compare: [], success: [request], failure: [] });
  return resultMessage(etcd, results[0]!, headerOf(etcd));
}

export function* compaction({ sys, given, call }: Context): Call<number> {
  const [word] = given.words;
  if (word === undefined || given.words.length > 1) throw new UsageError('compaction command needs 1 argument');
  const revision = goInteger(word, exitCodes.error);
  yield* call('KV/Compact', (etcd) => etcd.compact(revision));
  yield* sys.print(1, `compacted revision ${revision}\n`);
  return 0;
}
