import { createLineReader, utf8 } from '../../../emulator/kernel/index.ts';
import { forEachInput, tool } from './tool.ts';

/** Control characters as `cat -v` shows them; a byte above 127 as M- and the rest. */
function visible(bytes: string, tabs: boolean): string {
  return bytes.replace(/[\x00-\x08\x0b-\x1f\x7f-\xff\t]/g, (char) => {
    if (char === '\t' && !tabs) return char;
    const code = char.charCodeAt(0);
    const low = code & 127;
    return `${code > 127 ? 'M-' : ''}${low < 32 ? `^${String.fromCharCode(low + 64)}` : low === 127 ? '^?' : String.fromCharCode(low)}`;
  });
}

export const cat = tool(
  {
    short: 'AbeEnstTuv',
    long: {
      'show-all': 'A',
      'number-nonblank': 'b',
      'show-ends': 'E',
      number: 'n',
      'squeeze-blank': 's',
      'show-tabs': 'T',
      'show-nonprinting': 'v',
    },
    usage: '[OPTION]... [FILE]...',
  },
  function* (sys, options) {
    const has = (...letters: string[]): boolean => letters.some((letter) => options.has(letter));
    const isPlain = !has('A', 'b', 'e', 'E', 'n', 's', 't', 'T', 'v');
    let number = 0;
    let wasBlank = false;
    return yield* forEachInput(sys, options.operands, function* (fd) {
      if (isPlain) {
        for (let data = yield* sys.read(fd); data !== ''; data = yield* sys.read(fd)) yield* sys.write(1, data);
        return;
      }
      const lines = createLineReader(sys, fd);
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        const isBlank = line === '';
        if (has('s') && isBlank && wasBlank) continue;
        wasBlank = isBlank;
        const prefix = has('b')
          ? isBlank
            ? ''
            : `${String(++number).padStart(6)}\t`
          : has('n')
            ? `${String(++number).padStart(6)}\t`
            : '';
        const text = has('A', 'v', 'e', 't') ? visible(line, has('A', 'T', 't')) : has('T') ? line.replaceAll('\t', '^I') : line;
        yield* sys.write(1, (utf8(prefix) + text + (has('A', 'E', 'e') ? '$\n' : '\n')) as never);
      }
    });
  },
);
