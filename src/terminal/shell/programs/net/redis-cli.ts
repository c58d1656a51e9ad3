/** redis-cli: commands in the Redis protocol (RESP 2), from the command line, from a pipe, or typed. */

import type { ByteString, Call, DuplexStream, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { isErrno, noBytes, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import { ResolveError, resolveHost } from '../../../../emulator/node/network/index.ts';
import { getopt } from './getopt.ts';

type Reply =
  | { readonly type: 'status' | 'error' | 'integer'; readonly text: string }
  | { readonly type: 'bulk'; readonly text: string | undefined }
  | { readonly type: 'array'; readonly items: readonly Reply[] | undefined };

interface Session {
  readonly sys: Sys;
  readonly stream: DuplexStream;
  buffer: ByteString;
}

export const redisCli: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const firstCommand = args.findIndex((arg, i) => !arg.startsWith('-') && !/^-[hpna]$/.test(args[i - 1] ?? ''));
  const options = getopt(firstCommand < 0 ? args : args.slice(0, firstCommand), {
    short: 'h:p:n:a:',
    long: { raw: 'raw', 'no-auth-warning': 'no-auth-warning' },
  });
  if ('problem' in options) {
    yield* sys.print(2, `Unrecognized option or bad number of args for: '${options.option}'\n`);
    return 1;
  }
  const [host, port] = [options.value('h') ?? '127.0.0.1', Number(options.value('p') ?? 6379)];
  let session: Session;
  try {
    const connection = yield* sys.net.connect({ ip: yield* resolveHost(sys, host), port });
    session = { sys, stream: sys.net.open(connection), buffer: noBytes };
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* sys.print(
      2,
      `Could not connect to Redis at ${host}:${port}: ${error instanceof ResolveError ? error.message : error.message}\n`,
    );
    return 1;
  }
  const isRaw = options.has('raw') || !sys.isatty(1);
  if (firstCommand >= 0) return yield* run(session, args.slice(firstCommand), isRaw);
  return yield* interact(session, `${host}:${port}> `, isRaw);
};

function* run(session: Session, words: readonly string[], isRaw: boolean): Call<number> {
  const { sys, stream } = session;
  const command = words.map((word) => `$${utf8(word).length}\r\n${utf8(word)}\r\n`).join('');
  stream.output.write(`*${words.length}\r\n${command}` as ByteString);
  const reply = yield* readReply(session);
  if (!reply) {
    yield* sys.print(2, 'Error: Server closed the connection\n');
    return 1;
  }
  yield* sys.print(1, isRaw ? raw(reply) : formatted(reply, ''));
  return reply.type === 'error' ? 1 : 0;
}

function* interact(session: Session, prompt: string, isRaw: boolean): Call<number> {
  const { sys } = session;
  let pending = '';
  for (;;) {
    if (sys.isatty(0)) yield* sys.print(1, prompt);
    while (!pending.includes('\n')) {
      const data = yield* sys.read(0);
      if (data === '') return 0;
      pending += textOf(data);
    }
    const line = pending.slice(0, pending.indexOf('\n')).trim();
    pending = pending.slice(pending.indexOf('\n') + 1);
    const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([word, double, single]) => double ?? single ?? word);
    if (words[0] === 'quit' || words[0] === 'exit') return 0;
    if (words.length > 0) yield* run(session, words, isRaw);
  }
}

function* readLine(session: Session): Call<string | undefined> {
  for (;;) {
    const end = session.buffer.indexOf('\r\n');
    if (end >= 0) {
      const line = session.buffer.slice(0, end);
      session.buffer = session.buffer.slice(end + 2) as ByteString;
      return line;
    }
    if (!(yield* fill(session))) return undefined;
  }
}

function* fill(session: Session): Call<boolean> {
  const { sys, stream } = session;
  for (;;) {
    const data = stream.input.read(65_536);
    if (data === '') return false;
    if (data !== undefined) {
      session.buffer = (session.buffer + data) as ByteString;
      return true;
    }
    yield* sys.block(stream.input.readable, 'read');
  }
}

function* readReply(session: Session): Call<Reply | undefined> {
  const line = yield* readLine(session);
  if (line === undefined) return undefined;
  const [kind, rest] = [line[0], line.slice(1)];
  if (kind === '+') return { type: 'status', text: rest };
  if (kind === '-') return { type: 'error', text: rest };
  if (kind === ':') return { type: 'integer', text: rest };
  const length = Number(rest);
  if (kind === '$') {
    if (length < 0) return { type: 'bulk', text: undefined };
    while (session.buffer.length < length + 2) if (!(yield* fill(session))) return undefined;
    const text = textOf(session.buffer.slice(0, length) as ByteString);
    session.buffer = session.buffer.slice(length + 2) as ByteString;
    return { type: 'bulk', text };
  }
  if (length < 0) return { type: 'array', items: undefined };
  const items: Reply[] = [];
  for (let i = 0; i < length; i++) {
    const item = yield* readReply(session);
    if (!item) return undefined;
    items.push(item);
  }
  return { type: 'array', items };
}

function raw(reply: Reply): string {
  if (reply.type === 'array') return (reply.items ?? []).map(raw).join('') || '\n';
  return `${reply.text ?? ''}\n`;
}

function formatted(reply: Reply, indent: string): string {
  switch (reply.type) {
    case 'status':
      return `${reply.text}\n`;
    case 'error':
      return `(error) ${reply.text}\n`;
    case 'integer':
      return `(integer) ${reply.text}\n`;
    case 'bulk':
      return reply.text === undefined ? '(nil)\n' : `${JSON.stringify(reply.text)}\n`;
    default:
      if (!reply.items || reply.items.length === 0) return '(empty array)\n';
      return reply.items.map((item, i) => `${i === 0 ? '' : indent}${i + 1}) ${formatted(item, `${indent}   `)}`).join('');
  }
}
