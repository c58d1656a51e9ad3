/** Redis: keys in memory, served over its protocol, with redis-cli. */

import type { Call, DuplexStream, Program, Sys } from '../../kernel/index.ts';
import { civilTime, isErrno, textOf } from '../../kernel/index.ts';
import { serveUntilSignal } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { serveStreams } from '../streams.ts';
import { debianFiles } from '../userland.ts';
import { askRedis, openRedis } from './client.ts';
import { Replication } from './replication.ts';
import { decodeCommand, encodeReply } from './reply.ts';
import { RedisStore } from './store.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function logLine(sys: Sys, mark: string, text: string): string {
  const t = civilTime(sys.kernel.clock.unixMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${sys.pid}:M ${two(t.day)} ${months[t.month - 1]} ${t.year} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')} ${mark} ${text}\n`;
}

function* serve(sys: Sys, stream: DuplexStream, replication: Replication): Call<void> {
  let buffer = '';
  for (;;) {
    const data = stream.input.read(65_536);
    if (data === undefined) yield* sys.kernel.block(stream.input.readable, 'read');
    else if (data === '') {
      replication.detach(stream);
      return stream.output.closed();
    } else buffer += data;
    for (let command = decodeCommand(buffer); command; command = decodeCommand(buffer)) {
      buffer = command.rest;
      const name = command.words[0]?.toUpperCase();
      if (name === 'QUIT') return stream.output.closed();
      if (name === 'SYNC') replication.attach(stream);
      else if (command.words.length > 0) stream.output.write(encodeReply(replication.run(command.words)));
    }
  }
}

const bytesOf: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1_000,
  kb: 1_024,
  m: 1_000_000,
  mb: 1_048_576,
  g: 1e9,
  gb: 1_073_741_824,
};

/**
 * What CONFIG GET answers: a few defaults, then the lines of the file that the first argument names, then `--name value`.
 *
 * Differs from Redis: settings are kept and shown, and only `port` acts; no memory is counted and no key is evicted.
 */
function settingsOf(sys: Sys): Map<string, string> | string {
  const settings = new Map([
    ['maxmemory', '0'],
    ['maxmemory-policy', 'noeviction'],
    ['port', '6379'],
  ]);
  const args = sys.argv.slice(1);
  const lines: string[] = [];
  if (args[0] !== undefined && !args[0].startsWith('-')) {
    const file = args.shift()!;
    try {
      lines.push(...textOf(sys.fs.readFile(file)).split('\n'));
    } catch (error) {
      if (!isErrno(error)) throw error;
      return `Fatal error, can't open config file '${file}': ${error.message}\n`;
    }
  }
  lines.push(...args.join(' ').split(/(?:^| )--/));
  for (const line of lines) {
    const [name = '', ...values] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#')) continue;
    const [, amount, unit = ''] = /^(\d+)([a-z]*)$/i.exec(values.join(' ')) ?? [];
    const factor = name === 'maxmemory' ? bytesOf[unit.toLowerCase()] : undefined;
    settings.set(name.toLowerCase(), factor === undefined ? values.join(' ') : String(Number(amount) * factor));
  }
  return settings;
}

function redisServer(version: string): Program {
  return function* (sys): Call<number> {
    const settings = settingsOf(sys);
    if (typeof settings === 'string') {
      yield* sys.print(2, settings);
      return 1;
    }
    const replication = new Replication(new RedisStore(() => sys.nowMs, settings));
    const port = Number(settings.get('port'));
    const listener = sys.net.listen(port, { stream: serveStreams(sys, (stream) => serve(sys, stream, replication)) });
    sys.own(() => listener.close());
    if (replication.leader !== undefined) {
      const following = sys.kernel.fiber(replication.follow(sys), { background: true });
      sys.own(() => following.cancel());
    }
    yield* sys.print(1, logLine(sys, '*', `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=1, just started`));
    yield* sys.print(
      1,
      logLine(sys, '*', `Running mode=standalone, port=${port}.`) +
        logLine(sys, '*', 'Server initialized') +
        logLine(sys, '*', 'Ready to accept connections tcp'),
    );
    yield* serveUntilSignal(sys, ['TERM', 'INT']);
    yield* sys.print(1, logLine(sys, '*', 'User requested shutdown...') + logLine(sys, '#', 'Redis is now ready to exit, bye bye...'));
    return 0;
  };
}

/** `redis-cli [-h HOST] [-p PORT] [--raw] COMMAND…`; without a command it reads commands from its input. */
const redisCli: Program = function* (sys): Call<number> {
  const args = sys.argv.slice(1);
  let [host, port, raw] = ['127.0.0.1', 6379, !sys.isatty(1)];
  while (args[0]?.startsWith('-')) {
    const flag = args.shift();
    if (flag === '-h') host = args.shift() ?? '';
    else if (flag === '-p') port = Number(args.shift());
    else if (flag === '--raw') raw = true;
    else if (flag === '--no-raw') raw = false;
    else {
      yield* sys.print(2, `Unrecognized option or bad number of args for: '${flag}'\n`);
      return 1;
    }
  }
  try {
    const stream = yield* openRedis(sys, host, port);
    if (args.length > 0) return yield* ask(sys, stream, args, raw);
    for (let line = yield* readLine(sys); line !== undefined; line = yield* readLine(sys)) {
      const words = line.split(/\s+/).filter((word) => word !== '');
      if (words[0] === 'exit' || words[0] === 'quit') return 0;
      if (words.length > 0) yield* ask(sys, stream, words, raw);
    }
    return 0;
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(
      2,
      `Could not connect to Redis at ${host}:${port}: ${error.code === 'ENOENT' ? 'Name or service not known' : error.message}\n`,
    );
    return 1;
  }
};

function* readLine(sys: Sys): Call<string | undefined> {
  let line = '';
  for (;;) {
    const data = yield* sys.read(0, 1);
    if (data === '') return line === '' ? undefined : line;
    if (data === '\n') return line;
    line += data;
  }
}

function* ask(sys: Sys, stream: DuplexStream, words: readonly string[], raw: boolean): Call<number> {
  yield* sys.print(1, `${yield* askRedis(sys, stream, words, raw)}\n`);
  return 0;
}

const version = (tag: string, sizeBytes: number, more: readonly string[]) => ({
  tags: [tag, ...more],
  sizeBytes,
  config: { env: { REDIS_VERSION: tag } },
});

export const redis: ImageDefinition = {
  repository: 'docker.io/library/redis',
  versions: [
    version('8.2.1', 52_500_000, ['8.2', '8', 'latest', 'alpine']),
    version('7.4.5', 45_000_000, ['7.4', '7', '7-alpine', '7.2', '7.0']),
    version('6.2.19', 40_000_000, ['6.2', '6', '6-alpine', '6.0', '6.0.5', '5', '5.0.4']),
  ],
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['redis-server'], workingDir: '/data', exposedPorts: [6379] },
  files: (tag, programs) => ({
    ...debianFiles(programs),
    '/usr/local/bin/docker-entrypoint.sh': '#!/bin/sh\nset -e\ncase "$1" in -* | *.conf) set -- redis-server "$@" ;; esac\nexec "$@"\n',
    '/usr/local/bin/redis-server': redisServer(tag),
    '/usr/local/bin/redis-cli': redisCli,
    '/data/.keep': '',
  }),
};
