/**
 * A leader passes its writes on to its replicas; a replica takes everything once and every write from then on.
 *
 * Differs from Redis: what a replica lost it takes anew as a whole (SYNC), keys come as commands and not as a file.
 */
import type { Call, DuplexStream, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { openRedis } from './client.ts';
import type { Reply } from './reply.ts';
import { decodeCommand, encodeCommand } from './reply.ts';
import type { RedisStore } from './store.ts';

const writes = new Set(['SET', 'DEL', 'INCR', 'DECR', 'INCRBY', 'EXPIRE', 'LPUSH', 'RPUSH', 'LPOP', 'RPOP', 'HSET', 'FLUSHALL', 'FLUSHDB']);
const readOnly: Reply = { error: "READONLY You can't write against a read only replica." };
const retryMs = 1000;

/** One server's keys as its clients see them, and who else wants to know of its writes. */
export class Replication {
  readonly #store: RedisStore;
  readonly #replicas = new Set<DuplexStream>();
  /** `host port`, of a replica. */
  readonly leader: string | undefined;

  constructor(store: RedisStore) {
    this.#store = store;
    this.leader = store.settings.get('replicaof') ?? store.settings.get('slaveof');
  }

  /** Answers a client's command; what it changed goes to the replicas. */
  run(words: readonly string[]): Reply {
    const name = words[0]!.toUpperCase();
    if (name === 'INFO') return this.#info();
    if (!writes.has(name)) return this.#store.run(words);
    if (this.leader !== undefined) return readOnly;
    return this.#apply(words);
  }

  #apply(words: readonly string[]): Reply {
    const reply = this.#store.run(words);
    if (reply === null || typeof reply !== 'object' || !('error' in reply)) {
      const command = encodeCommand(words);
      for (const replica of this.#replicas) replica.output.write(command);
    }
    return reply;
  }

  /** A replica asked for everything. */
  attach(replica: DuplexStream): void {
    for (const command of this.#store.commands()) replica.output.write(encodeCommand(command));
    this.#replicas.add(replica);
  }

  detach(replica: DuplexStream): void {
    this.#replicas.delete(replica);
  }

  /** Follows the leader for as long as the server runs. */
  *follow(sys: Sys): Call<never> {
    const [host = '', port = '6379'] = this.leader!.split(' ');
    for (;;) {
      try {
        const stream = yield* openRedis(sys, host, Number(port));
        stream.output.write(encodeCommand(['SYNC']));
        this.#store.clear();
        yield* this.#take(sys, stream);
      } catch (error) {
        if (!isErrno(error)) throw error;
      }
      yield* sys.kernel.sleep(retryMs);
    }
  }

  *#take(sys: Sys, stream: DuplexStream): Call<void> {
    let buffer = '';
    for (;;) {
      const data = stream.input.read(65_536);
      if (data === undefined) yield* sys.kernel.block(stream.input.readable, 'read');
      else if (data === '') return stream.output.closed();
      else buffer += data;
      for (let command = decodeCommand(buffer); command; command = decodeCommand(buffer)) {
        buffer = command.rest;
        if (command.words.length > 0) this.#apply(command.words);
      }
    }
  }

  #info(): Reply {
    const [host, port] = this.leader?.split(' ') ?? [];
    const own = host === undefined ? ['role:master'] : ['role:slave', `master_host:${host}`, `master_port:${port}`];
    return ['# Replication', ...own, `connected_slaves:${this.#replicas.size}`, ''].join('\r\n');
  }
}
