import { createLineReader } from '../../../emulator/kernel/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { UsageError, forEachInput, parseSize, tool } from './tool.ts';

export const head = tool(
  {
    short: 'n:c:qv',
    long: { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', silent: 'q', verbose: 'v' },
    usage: '[OPTION]... [FILE]...',
    digits: 'n',
  },
  function* (sys, options) {
    const text = options.value('c') ?? options.value('n') ?? '10';
    const isBytes = options.has('c');
    const count = parseSize(text.replace(/^-/, ''));
    if (count === undefined) throw new UsageError(`invalid number of ${isBytes ? 'bytes' : 'lines'}: '${text}'`, { hint: false });
    /** All but the last so many. */
    const isExcept = text.startsWith('-');
    const withNames = (options.operands.length > 1 && !options.has('q')) || options.has('v');
    let isFirst = true;
    return yield* forEachInput(
      sys,
      options.operands,
      function* (fd, path) {
        if (withNames) yield* sys.print(1, `${isFirst ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`);
        isFirst = false;
        if (isBytes && !isExcept) {
          for (let left = count; left > 0; ) {
            const data = yield* sys.read(fd, Math.min(left, 65_536));
            if (data === '') return;
            left -= data.length;
            yield* sys.write(1, data);
          }
          return;
        }
        const lines = createLineReader(sys, fd);
        if (isExcept) {
          const held: string[] = [];
          for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
            held.push(isBytes ? `${line}\n` : line);
            if (!isBytes && held.length > count) yield* sys.write(1, `${held.shift()}\n` as ByteString);
          }
          if (isBytes) yield* sys.write(1, held.join('').slice(0, -count) as ByteString);
          return;
        }
        for (let left = count; left > 0; left--) {
          const line = yield* lines.next();
          if (line === undefined) return;
          yield* sys.write(1, `${line}\n` as ByteString);
        }
      },
      (path, message) =>
        message === 'Is a directory' ? `error reading '${path}': ${message}` : `cannot open '${path}' for reading: ${message}`,
    );
  },
);
