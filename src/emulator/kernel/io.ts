import { noBytes } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import type { Call } from './call.ts';
import type { Sys } from './sys.ts';

/**
 * Lines of a file as they come. A generator cannot be looped over while it blocks, so the idiom is
 * `for (let line; (line = yield* lines.next()) !== undefined; ) …`.
 */
export interface LineReader {
  next(): Call<ByteString | undefined>;
}

export function createLineReader(sys: Sys, fd: number): LineReader {
  let buffer = '';
  let start = 0;
  return {
    *next() {
      for (;;) {
        const end = buffer.indexOf('\n', start);
        if (end >= 0) {
          const line = buffer.slice(start, end) as ByteString;
          start = end + 1;
          return line;
        }
        const data = yield* sys.read(fd);
        const rest = buffer.slice(start);
        buffer = rest + data;
        start = 0;
        if (data !== '') continue;
        buffer = '';
        return rest === '' ? undefined : (rest as ByteString);
      }
    },
  };
}

export function* readAll(sys: Sys, fd: number): Call<ByteString> {
  let bytes = noBytes;
  for (let data: ByteString; (data = yield* sys.read(fd)) !== ''; ) bytes = (bytes + data) as ByteString;
  return bytes;
}
