import { createLineReader, textOf } from '../../../emulator/kernel/index.ts';
import { UsageError, forEachInput, tool } from './tool.ts';

type Range = readonly [from: number, to: number];

function parseRanges(list: string, what: string): Range[] {
  return list.split(',').map((part) => {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match || part === '-' || part === '') throw new UsageError(`invalid ${what} range`);
    const [, from, dash, to] = match as unknown as [string, string, string, string];
    if (from === '0' || (to === '0' && dash !== ''))
      throw new UsageError(`${what === 'field' ? 'fields' : 'byte/character positions'} are numbered from 1`);
    const low = from === '' ? 1 : Number(from);
    const high = dash === '' ? low : to === '' ? Number.POSITIVE_INFINITY : Number(to);
    if (high < low) throw new UsageError('invalid decreasing range');
    return [low, high];
  });
}

export const cut = tool(
  {
    short: 'b:c:d:f:sn',
    long: {
      'bytes=': 'b',
      'characters=': 'c',
      'delimiter=': 'd',
      'fields=': 'f',
      'only-delimited': 's',
      complement: 'complement',
      'output-delimiter=': 'output-delimiter',
    },
    usage: 'OPTION... [FILE]...',
  },
  function* (sys, options) {
    const kind = ['b', 'c', 'f'].filter((letter) => options.has(letter));
    if (kind.length === 0) throw new UsageError('you must specify a list of bytes, characters, or fields');
    if (kind.length > 1) throw new UsageError('only one list may be specified');
    const delimiter = options.value('d') ?? '\t';
    if ([...delimiter].length > 1) throw new UsageError('the delimiter must be a single character');
    const ranges = parseRanges(
      options.value(kind[0]!)!,
      kind[0] === 'f' ? 'field' : 'byte/character'.replace('byte/character', 'byte or character'),
    );
    const isChosen = (n: number): boolean => ranges.some(([from, to]) => n >= from && n <= to) !== options.has('complement');
    const glue = options.value('output-delimiter') ?? (kind[0] === 'f' ? delimiter : '');
    return yield* forEachInput(sys, options.operands, function* (fd) {
      const lines = createLineReader(sys, fd);
      for (let bytes = yield* lines.next(); bytes !== undefined; bytes = yield* lines.next()) {
        const line = textOf(bytes);
        if (kind[0] !== 'f') yield* sys.print(1, `${[...line].filter((_, i) => isChosen(i + 1)).join('')}\n`);
        else if (line.includes(delimiter))
          yield* sys.print(
            1,
            `${line
              .split(delimiter)
              .filter((_, i) => isChosen(i + 1))
              .join(glue)}\n`,
          );
        else if (!options.has('s')) yield* sys.print(1, `${line}\n`);
      }
    });
  },
);
