import { WaitQueue, readAll } from '../../../emulator/kernel/index.ts';
import type { ByteString, Call, Sys } from '../../../emulator/kernel/index.ts';
import { UsageError, complain, forEachInput, parseSize, tool } from './tool.ts';

/** The last lines or bytes; `+3` counts from the beginning. */
function ending(
  bytes: ByteString,
  count: number,
  { isBytes, isFromStart }: { readonly isBytes: boolean; readonly isFromStart: boolean },
): ByteString {
  if (isBytes) return (isFromStart ? bytes.slice(Math.max(0, count - 1)) : count === 0 ? '' : bytes.slice(-count)) as ByteString;
  const lines = bytes.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return (isFromStart ? lines.slice(Math.max(0, count - 1)) : count === 0 ? [] : lines.slice(-count)).join('') as ByteString;
}

/** Goes on printing what is appended, to a file that is shortened or replaced too. */
function* follow(sys: Sys, path: string, fd: number): Call<void> {
  const inode = sys.fs.find(sys.path(path));
  for (;;) {
    const data = yield* sys.read(fd);
    if (data !== '') yield* sys.write(1, data);
    else if (inode?.kind !== 'file') return;
    else {
      inode.changed ??= new WaitQueue();
      yield* sys.block(inode.changed, 'inotify');
    }
  }
}

/** With -F a file that is not there yet may still come. */
function* awaitFile(sys: Sys, path: string): Call<void> {
  if (sys.fs.find(sys.path(path))) return;
  yield* complain(sys, `cannot open '${path}' for reading: No such file or directory`);
  while (!sys.fs.find(sys.path(path))) yield* sys.sleep(1000);
  yield* complain(sys, `'${path}' has appeared;  following new file`);
}

export const tail = tool(
  {
    short: 'n:c:fFqvs:',
    long: { 'lines=': 'n', 'bytes=': 'c', 'follow=?': 'f', retry: 'F', quiet: 'q', silent: 'q', verbose: 'v', 'sleep-interval=': 's' },
    usage: '[OPTION]... [FILE]...',
    digits: 'n',
  },
  function* (sys, options) {
    const text = options.value('c') ?? options.value('n') ?? '10';
    const count = parseSize(text.replace(/^[-+]/, ''));
    const isBytes = options.has('c');
    if (count === undefined) throw new UsageError(`invalid number of ${isBytes ? 'bytes' : 'lines'}: '${text}'`, { hint: false });
    const withNames = (options.operands.length > 1 && !options.has('q')) || options.has('v');
    const follows = options.has('f') || options.has('F');
    const followed: { readonly path: string; readonly fd: number }[] = [];
    let isFirst = true;
    const [only = '-'] = options.operands;
    if (options.has('F') && options.operands.length === 1 && only !== '-') yield* awaitFile(sys, only);
    const header = (path: string): string => `${isFirst ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`;
    const status = yield* forEachInput(
      sys,
      options.operands,
      function* (fd, path) {
        const bytes = yield* readAll(sys, fd);
        if (withNames) yield* sys.print(1, header(path));
        isFirst = false;
        yield* sys.write(1, ending(bytes, count, { isBytes, isFromStart: text.startsWith('+') }));
        if (!follows || path === '-') return;
        const again = sys.open(path, 'read');
        yield* readAll(sys, again);
        followed.push({ path, fd: again });
      },
      (path, message) =>
        message === 'Is a directory' ? `error reading '${path}': ${message}` : `cannot open '${path}' for reading: ${message}`,
    );
    const [first, ...others] = followed;
    if (!first) return status;
    if (others.length === 0) {
      yield* follow(sys, first.path, first.fd);
      return status;
    }
    // Several files: look at each in turn, every second as tail does without inotify.
    for (let shown = followed.at(-1)!.path; ; ) {
      for (const { path, fd } of followed) {
        const data = yield* sys.read(fd);
        if (data === '') continue;
        if (withNames && shown !== path) yield* sys.print(1, header(path));
        shown = path;
        yield* sys.write(1, data);
      }
      yield* sys.sleep(1000);
    }
  },
);
