import { noBytes } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import type { Call } from './call.ts';
import { Errno } from './errno.ts';
import type { Sys } from './sys.ts';

/**
 * Lines of a file as they come. A generator cannot be looped over while it blocks, so the idiom is
 * `for (let line; (line = yield* lines.next()) !== undefined; ) …`.
 */
export interface LineReader {
  next(): Call<ByteString | undefined>;
}

/** What one line, or a text that is read as a whole, may hold: a learner's `cat /dev/zero | sort` must end. */
const maxBytes = 64 * 1024 * 1024;

/** Throws ENOMEM for a line that is longer than a program may hold. */
export function createLineReader(sys: Sys, fd: number): LineReader {
  let buffer = '';
  let start = 0;
  /** The beginning of a line whose end has not come yet. */
  let begun = '';
  return {
    *next() {
      for (;;) {
        const end = buffer.indexOf('\n', start);
        if (end >= 0) {
          const line = begun + buffer.slice(start, end);
          start = end + 1;
          begun = '';
          return line as ByteString;
        }
        begun += buffer.slice(start);
        buffer = '';
        start = 0;
        if (begun.length > maxBytes) throw new Errno('ENOMEM');
        buffer = yield* sys.read(fd);
        if (buffer !== '') continue;
        const rest = begun as ByteString;
        begun = '';
        return rest === '' ? undefined : rest;
      }
    },
  };
}

/** Throws ENOMEM for more than a program may hold. */
export function* readAll(sys: Sys, fd: number): Call<ByteString> {
  let bytes = noBytes;
  for (let data: ByteString; (data = yield* sys.read(fd)) !== ''; ) {
    bytes = (bytes + data) as ByteString;
    if (bytes.length > maxBytes) throw new Errno('ENOMEM');
  }
  return bytes;
}
