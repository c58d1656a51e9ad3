/** watch, and what it starts for each change. Upstream: etcdctl/ctlv3/command/watch_command.go. */
import type { EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import { contains, etcdErrors, keyOf, prefixEnd } from '../../../emulator/control-plane/etcd/index.ts';
import type { Change, Keyspace } from '../../../emulator/control-plane/etcd/index.ts';
import type { ByteString, Call, Sys } from '../../../emulator/kernel/index.ts';
import { createLineReader, isErrno, textOf, WaitQueue } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { Context, Given } from './context.ts';
import { exitCodes, headerOf, kvMessage, UsageError } from './context.ts';
import { readFlags } from './flags.ts';
import type { Message } from './messages.ts';
import { print, render } from './print.ts';
import { argify } from './txn.ts';

interface Target {
  readonly key: string;
  readonly end: string | undefined;
  readonly revision: number;
  readonly isPreviousWanted: boolean;
}

const badNumber = (why = ''): UsageError => new UsageError(`bad number of arguments${why}`);

function targetOf(given: Given, words = given.words): Target {
  const [key, end] = words;
  if (key === undefined) throw badNumber();
  if (words.length === 2 && given.has('prefix')) throw new UsageError('`range_end` and `--prefix` are mutually exclusive');
  return {
    key,
    end: words.length === 2 ? end : given.has('prefix') ? prefixEnd(key) : undefined,
    revision: given.number('rev'),
    isPreviousWanted: given.has('prev-kv'),
  };
}

function eventOf(etcd: EtcdMember, keyspace: Keyspace, { revision, current, previous }: Change, isPreviousWanted: boolean): Message {
  const key = keyOf(keyspace, (current ?? previous)!);
  const before = isPreviousWanted && previous ? kvMessage(etcd, { key, kv: previous }) : undefined;
  if (current) return { type: 0, kv: kvMessage(etcd, { key, kv: current }), prev_kv: before };
  const gone = { ...previous!, createRevision: 0, version: 0, lease: 0, modRevision: revision, value: { raw: '' } };
  return { type: 1, kv: kvMessage(etcd, { key, kv: gone }), prev_kv: before };
}

/** What has happened since a revision, in its order. Undefined when that is compacted. */
function historyOf({ data }: EtcdMember, target: Target): { readonly keyspace: Keyspace; readonly change: Change }[] | undefined {
  if (target.revision === 0) return [];
  if (target.revision <= data.compactRevision) return undefined;
  const found: { readonly keyspace: Keyspace; readonly change: Change }[] = [];
  for (const keyspace of data.keyspaces) {
    const changes = keyspace.since(target.revision - 1);
    if (!changes && keyspace.list().some((kv) => contains(target, keyOf(keyspace, kv)))) return undefined;
    for (const change of changes ?? [])
      if (contains(target, keyOf(keyspace, (change.current ?? change.previous)!))) found.push({ keyspace, change });
  }
  return found.sort((a, b) => a.change.revision - b.change.revision);
}

/** Feeds `onEvent` from now on, and returns the way to stop. Undefined when the beginning is gone. */
function follow(etcd: EtcdMember, target: Target, onEvent: (event: Message, revision: number) => void): (() => void) | undefined {
  const missed = historyOf(etcd, target);
  if (!missed) return undefined;
  const offer = (keyspace: Keyspace, change: Change): void => {
    if (!contains(target, keyOf(keyspace, (change.current ?? change.previous)!)) || change.revision < target.revision) return;
    onEvent(eventOf(etcd, keyspace, change, target.isPreviousWanted), change.revision);
  };
  for (const { keyspace, change } of missed) offer(keyspace, change);
  return etcd.data.observe(offer);
}

/** Words before `--`, which may follow a key and a range from the environment, and the command behind it. */
function splitCommand(sys: Sys, given: Given): { readonly words: readonly string[]; readonly command: readonly string[] } {
  const separator = sys.argv.indexOf('--');
  const command = separator < 0 ? [] : sys.argv.slice(separator + 1);
  if (separator >= 0 && command.length === 0) throw badNumber(' (found separator --, but no commands)');
  const words = given.words.slice(0, given.words.length - command.length);
  const [key, end] = [sys.env.get('ETCDCTL_WATCH_KEY') ?? '', sys.env.get('ETCDCTL_WATCH_RANGE_END') ?? ''];
  if (key === '' && end !== '') throw new UsageError(`ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${quote(end)}`);
  if (key === '') return { words, command };
  if (words.length > 0) throw badNumber(' (found conflicting environment key)');
  return { words: end === '' ? [key] : [key, end], command };
}

function* runFor(sys: Sys, command: readonly string[], { type, kv }: Message, revision: number): Call<boolean> {
  const { key, value } = kv as Message;
  const text = (bytes: Message[string]): string => quote(textOf((bytes ?? '') as ByteString));
  const variables: readonly (readonly [string, string])[] = [
    ['ETCD_WATCH_REVISION', String(revision)],
    ['ETCD_WATCH_EVENT_TYPE', quote(type === 1 ? 'DELETE' : 'PUT')],
    ['ETCD_WATCH_KEY', text(key)],
    ['ETCD_WATCH_VALUE', text(value)],
  ];
  const tell = (why: string): Call<void> => sys.print(2, `command [${command.map(quote).join(' ')}] error (${why})\n`);
  try {
    const { program, argv } = sys.load(command[0]!, command);
    const { code } = yield* sys.wait(sys.spawn({ program, argv, env: new Map([...sys.env, ...variables]) }));
    if (code !== 0) yield* tell(`exit status ${code}`);
    return code === 0;
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* tell(`exec: ${quote(command[0]!)}: executable file not found in $PATH`);
    return false;
  }
}

interface Event {
  readonly event: Message;
  readonly revision: number;
}

export function* watch(context: Context): Call<number> {
  const { sys, given } = context;
  if (given.has('interactive')) return yield* watchInteractively(context);
  const { words, command } = splitCommand(sys, given);
  const target = targetOf(given, words);
  const changed = new WaitQueue();
  const events: Event[] = [];
  const { etcd: member, stop } = yield* context.call('Watch/Watch', function* (etcd) {
    yield* etcd.linearizable();
    const offer = (event: Message, revision: number): void => {
      events.push({ event, revision });
      changed.wake();
    };
    return { etcd, stop: follow(etcd, target, offer) };
  });
  if (!stop) {
    yield* sys.print(2, `watch was canceled (${etcdErrors.compacted})\n`);
    throw new UsageError('watch is canceled by the server', exitCodes.interrupted);
  }
  sys.own(stop);
  for (;;) {
    for (let next = events.shift(); next; next = events.shift()) {
      yield* print(context, 'watch', messageOf(member, next));
      if (command.length > 0 && !(yield* runFor(sys, command, next.event, next.revision))) return exitCodes.error;
    }
    yield* sys.block(changed, 'watch');
  }
}

const messageOf = (etcd: EtcdMember, { event, revision }: Event): Message => ({ header: { ...headerOf(etcd), revision }, events: [event] });

/** Each line is a watch of its own; what they see is printed as it comes. */
function* watchInteractively(context: Context): Call<number> {
  const { sys } = context;
  const lines = createLineReader(sys, 0);
  const etcd = yield* context.call('Watch/Watch', function* (member) {
    yield* member.linearizable();
    return member;
  });
  for (;;) {
    const bytes = yield* lines.next();
    if (bytes === undefined) throw new UsageError('error reading watch request line: EOF', exitCodes.invalidInput);
    const line = textOf(bytes);
    const [verb, ...words] = argify(line);
    if (verb === undefined) yield* sys.print(2, `Invalid command: ${line} (watch and progress supported)\n`);
    else if (verb === 'progress') yield* sys.print(1, `progress notify: ${etcd.data.revision}\n`);
    else if (verb !== 'watch') yield* sys.print(2, `Invalid command ${line} (only support watch)\n`);
    else if (words.length === 0) yield* sys.print(2, `Invalid command ${line} (command type or key is not provided)\n`);
    else {
      const read = readFlags('watch', words);
      if ('problem' in read) throw new UsageError(read.problem);
      const stop = follow(etcd, targetOf(read), (event, revision) => {
        sys.tryWrite(1, render(context, 'watch', messageOf(etcd, { event, revision })));
      });
      if (stop) sys.own(stop);
      else yield* sys.print(2, `watch was canceled (${etcdErrors.compacted})\n`);
    }
  }
}
