import { UsageError, complain, linesOf, readText, tool } from './tool.ts';
import { Errno, utf8 } from '../../../emulator/kernel/index.ts';

export const uniq = tool(
  {
    short: 'cdDuif:s:w:',
    long: {
      count: 'c',
      repeated: 'd',
      'all-repeated': 'D',
      unique: 'u',
      'ignore-case': 'i',
      'skip-fields=': 'f',
      'skip-chars=': 's',
      'check-chars=': 'w',
    },
    usage: '[OPTION]... [INPUT [OUTPUT]]',
  },
  function* (sys, options) {
    const number = (letter: string): number | undefined => {
      const text = options.value(letter);
      if (text !== undefined && !/^\d+$/.test(text))
        throw new UsageError(`${text}: invalid number of ${letter === 'f' ? 'fields to skip' : 'bytes to skip'}`, { hint: false });
      return text === undefined ? undefined : Number(text);
    };
    const [fields, skip, check] = [number('f') ?? 0, number('s') ?? 0, number('w')];
    const key = (line: string): string => {
      const rest = line.replace(new RegExp(`^(\\s*\\S+){0,${fields}}`), '').slice(skip);
      const part = check === undefined ? rest : rest.slice(0, check);
      return options.has('i') ? part.toLowerCase() : part;
    };
    let text: string;
    try {
      text = yield* readText(sys, options.operands[0] ?? '-');
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return yield* complain(sys, `${options.operands[0]}: ${error.message}`);
    }
    const runs: string[][] = [];
    let last: string | undefined;
    for (const line of linesOf(text)) {
      const current = key(line);
      if (current === last && runs.length > 0) runs.at(-1)!.push(line);
      else runs.push([line]);
      last = current;
    }
    let out = '';
    for (const run of runs) {
      if ((options.has('d') || options.has('D')) && run.length === 1) continue;
      if (options.has('u') && run.length > 1) continue;
      if (options.has('D')) out += run.map((line) => `${line}\n`).join('');
      else out += `${options.has('c') ? `${String(run.length).padStart(7)} ` : ''}${run[0]}\n`;
    }
    if (options.operands[1] === undefined) yield* sys.print(1, out);
    else sys.fs.writeFile(sys.path(options.operands[1]), utf8(out));
    return 0;
  },
);
