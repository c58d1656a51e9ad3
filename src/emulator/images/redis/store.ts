/** Redis's keys and the commands on them that the course uses. */

import type { Reply } from './reply.ts';
import { unsupported } from './reply.ts';

type Value =
  | { readonly type: 'string'; value: string }
  | { readonly type: 'list'; readonly items: string[] }
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'set'; readonly members: Set<string> };

interface Entry {
  readonly value: Value;
  expiresMs: number | undefined;
}

const wrongType: Reply = { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' };
const notInteger: Reply = { error: 'ERR value is not an integer or out of range' };

/** Keys kept of one server, so that a loop of SETs has a bounded cost. */
const maxKeys = 100_000;

export class RedisStore {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly settings: ReadonlyMap<string, string>;

  constructor(now: () => number, settings: ReadonlyMap<string, string> = new Map()) {
    this.#now = now;
    this.settings = settings;
  }

  /** Answers one command; `words` has the command's name first. */
  run(words: readonly string[]): Reply {
    const name = (words[0] ?? '').toUpperCase();
    const command = commands[name];
    if (!command) return unsupported(words);
    if (words.length < command.words || (command.isExact && words.length !== command.words))
      return { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` };
    return command.run(this, words.slice(1));
  }

  find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresMs === undefined || entry.expiresMs > this.#now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** The value of a key if it is of the type; made if it is absent and `make` is given; undefined if the type is another. */
  typed<T extends Value['type']>(
    key: string,
    type: T,
    make?: () => Extract<Value, { type: T }>,
  ): Extract<Value, { type: T }> | undefined | 'wrong' {
    const entry = this.find(key);
    if (entry) return entry.value.type === type ? (entry.value as Extract<Value, { type: T }>) : 'wrong';
    const value = make?.();
    if (value) this.put(key, value);
    return value;
  }

  put(key: string, value: Value, expiresMs?: number): boolean {
    if (this.#entries.size >= maxKeys && !this.#entries.has(key)) return false;
    this.#entries.set(key, { value, expiresMs });
    return true;
  }

  delete(key: string): boolean {
    return this.find(key) !== undefined && this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  keys(pattern = '*'): string[] {
    const matches = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      's',
    );
    return [...this.#entries.keys()].filter((key) => matches.test(key) && this.find(key));
  }

  /** Commands that make the same keys in an empty store. */
  *commands(): Generator<readonly string[]> {
    for (const key of this.keys()) {
      const { value, expiresMs } = this.find(key)!;
      if (value.type === 'string') yield ['SET', key, value.value];
      else if (value.type === 'list') yield ['RPUSH', key, ...value.items];
      else if (value.type === 'hash') yield ['HSET', key, ...[...value.fields].flat()];
      if (expiresMs !== undefined) yield ['EXPIRE', key, String(Math.ceil((expiresMs - this.#now()) / 1000))];
    }
  }

  get nowMs(): number {
    return this.#now();
  }
}

interface Command {
  /** Words that it needs, its own name included. */
  readonly words: number;
  readonly isExact?: boolean;
  readonly run: (store: RedisStore, args: readonly string[]) => Reply;
}

const outOfMemory: Reply = { error: "OOM command not allowed when used memory > 'maxmemory'." };

function addTo(store: RedisStore, key: string, by: number): Reply {
  const found = store.typed(key, 'string', () => ({ type: 'string', value: '0' }));
  if (found === 'wrong' || !found) return found ? wrongType : outOfMemory;
  if (!/^-?\d{1,15}$/.test(found.value) || !Number.isInteger(by)) return notInteger;
  found.value = String(Number(found.value) + by);
  return Number(found.value);
}

function set(store: RedisStore, [key, value, ...options]: readonly string[]): Reply {
  let expiresMs: number | undefined;
  for (let i = 0; i < options.length; i++) {
    const option = options[i]!.toUpperCase();
    if (option === 'EX') expiresMs = store.nowMs + Number(options[++i]) * 1000;
    else if (option === 'PX') expiresMs = store.nowMs + Number(options[++i]);
    else if (option === 'NX') {
      if (store.find(key!)) return null;
    } else if (option === 'XX') {
      if (!store.find(key!)) return null;
    } else return { error: 'ERR syntax error' };
  }
  return store.put(key!, { type: 'string', value: value! }, expiresMs) ? { status: 'OK' } : outOfMemory;
}

function push(store: RedisStore, [key, ...values]: readonly string[], atHead: boolean): Reply {
  const list = store.typed(key!, 'list', () => ({ type: 'list', items: [] }));
  if (list === 'wrong' || !list) return list ? wrongType : outOfMemory;
  for (const value of values)
    if (atHead) list.items.unshift(value);
    else list.items.push(value);
  return list.items.length;
}

function pop(store: RedisStore, key: string, fromHead: boolean): Reply {
  const list = store.typed(key, 'list');
  if (list === 'wrong') return wrongType;
  const item = fromHead ? list?.items.shift() : list?.items.pop();
  if (list?.items.length === 0) store.delete(key);
  return item ?? null;
}

function range(store: RedisStore, [key, from, to]: readonly string[]): Reply {
  const list = store.typed(key!, 'list');
  if (list === 'wrong') return wrongType;
  const items = list?.items ?? [];
  const at = (text: string): number => (Number(text) < 0 ? items.length + Number(text) : Number(text));
  return items.slice(Math.max(0, at(from!)), at(to!) + 1);
}

function flush(store: RedisStore): Reply {
  store.clear();
  return { status: 'OK' };
}

const commands: Readonly<Record<string, Command>> = {
  PING: { words: 1, run: (_store, [message]) => message ?? { status: 'PONG' } },
  ECHO: { words: 2, isExact: true, run: (_store, [message]) => message! },
  SET: { words: 3, run: set },
  GET: {
    words: 2,
    isExact: true,
    run: (store, [key]) => {
      const found = store.typed(key!, 'string');
      return found === 'wrong' ? wrongType : (found?.value ?? null);
    },
  },
  DEL: { words: 2, run: (store, keys) => keys.filter((key) => store.delete(key)).length },
  EXISTS: { words: 2, run: (store, keys) => keys.filter((key) => store.find(key)).length },
  CONFIG: {
    words: 3,
    run: (store, [verb, name]) =>
      verb!.toUpperCase() === 'GET'
        ? [...store.settings].filter(([key]) => name === '*' || key === name!.toLowerCase()).flat()
        : unsupported(['CONFIG', verb!]),
  },
  KEYS: { words: 2, isExact: true, run: (store, [pattern]) => store.keys(pattern) },
  TYPE: { words: 2, isExact: true, run: (store, [key]) => ({ status: store.find(key!)?.value.type ?? 'none' }) },
  INCR: { words: 2, isExact: true, run: (store, [key]) => addTo(store, key!, 1) },
  DECR: { words: 2, isExact: true, run: (store, [key]) => addTo(store, key!, -1) },
  INCRBY: { words: 3, isExact: true, run: (store, [key, by]) => addTo(store, key!, Number(by)) },
  EXPIRE: {
    words: 3,
    run: (store, [key, seconds]) => {
      const entry = store.find(key!);
      if (entry) entry.expiresMs = store.nowMs + Number(seconds) * 1000;
      return entry ? 1 : 0;
    },
  },
  TTL: {
    words: 2,
    isExact: true,
    run: (store, [key]) => {
      const entry = store.find(key!);
      return !entry ? -2 : entry.expiresMs === undefined ? -1 : Math.ceil((entry.expiresMs - store.nowMs) / 1000);
    },
  },
  LPUSH: { words: 3, run: (store, args) => push(store, args, true) },
  RPUSH: { words: 3, run: (store, args) => push(store, args, false) },
  LPOP: { words: 2, run: (store, [key]) => pop(store, key!, true) },
  RPOP: { words: 2, run: (store, [key]) => pop(store, key!, false) },
  LRANGE: { words: 4, isExact: true, run: range },
  LLEN: {
    words: 2,
    isExact: true,
    run: (store, [key]) => {
      const list = store.typed(key!, 'list');
      return list === 'wrong' ? wrongType : (list?.items.length ?? 0);
    },
  },
  HSET: {
    words: 4,
    run: (store, [key, ...pairs]) => {
      const hash = store.typed(key!, 'hash', () => ({ type: 'hash', fields: new Map() }));
      if (hash === 'wrong' || !hash) return hash ? wrongType : outOfMemory;
      const before = hash.fields.size;
      for (let i = 0; i + 1 < pairs.length; i += 2) hash.fields.set(pairs[i]!, pairs[i + 1]!);
      return hash.fields.size - before;
    },
  },
  HGET: {
    words: 3,
    isExact: true,
    run: (store, [key, field]) => {
      const hash = store.typed(key!, 'hash');
      return hash === 'wrong' ? wrongType : (hash?.fields.get(field!) ?? null);
    },
  },
  HGETALL: {
    words: 2,
    isExact: true,
    run: (store, [key]) => {
      const hash = store.typed(key!, 'hash');
      return hash === 'wrong' ? wrongType : [...(hash?.fields ?? [])].flat();
    },
  },
  DBSIZE: { words: 1, run: (store) => store.keys().length },
  FLUSHALL: { words: 1, run: flush },
  FLUSHDB: { words: 1, run: flush },
};
