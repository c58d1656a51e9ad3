import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { forEachInput, tool } from './tool.ts';

const letters = ['l', 'w', 'm', 'c', 'L'] as const;
type Counts = Record<(typeof letters)[number], number>;

export const wc = tool(
  { short: 'lwcmL', long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' }, usage: '[OPTION]... [FILE]...' },
  function* (sys, options) {
    const chosen = letters.filter((letter) => (options.order.length === 0 ? 'lwc'.includes(letter) : options.has(letter)));
    const total: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
    const rows: { readonly counts: Counts; readonly path: string }[] = [];
    let isFromFile = true;
    const status = yield* forEachInput(sys, options.operands, function* (fd, path) {
      const counts = yield* count(sys, fd);
      for (const letter of letters) total[letter] = letter === 'L' ? Math.max(total.L, counts.L) : total[letter] + counts[letter];
      isFromFile &&= path !== '-';
      rows.push({ counts, path: path === '-' && options.operands.length === 0 ? '' : path });
    });
    if (rows.length > 1) rows.push({ counts: total, path: 'total' });
    // Columns are as wide as the largest number needs, seven where a pipe hides the sizes in advance.
    const digits = Math.max(...rows.flatMap(({ counts }) => chosen.map((letter) => String(counts[letter]).length)), String(total.c).length);
    const width = chosen.length === 1 && rows.length === 1 ? 1 : isFromFile ? digits : 7;
    for (const { counts, path } of rows)
      yield* sys.print(1, `${chosen.map((letter) => String(counts[letter]).padStart(width)).join(' ')}${path === '' ? '' : ` ${path}`}\n`);
    return status;
  },
);

/** Counts as it reads, since what comes out of a pipe may be longer than what fits. */
function* count(sys: Sys, fd: number): Call<Counts> {
  const counts: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
  let isInWord = false;
  let width = 0;
  for (let bytes: string; (bytes = yield* sys.read(fd)) !== ''; ) {
    counts.c += bytes.length;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes.charCodeAt(i);
      if ((byte & 0xc0) === 0x80) continue; // It goes on with a character.
      counts.m++;
      const isSpace = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
      if (!isSpace && !isInWord) counts.w++;
      isInWord = !isSpace;
      if (byte === 0x0a) {
        counts.l++;
        counts.L = Math.max(counts.L, width);
        width = 0;
      } else width++;
    }
  }
  counts.L = Math.max(counts.L, width);
  return counts;
}
