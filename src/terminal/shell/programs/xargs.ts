import { textOf, readAll } from '../../../emulator/kernel/index.ts';
import { execute } from './find.ts';
import { UsageError, complain, tool } from './tool.ts';

/** Words as xargs reads them: parted by blanks, with quotes and backslashes. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  for (const token of text.matchAll(/\s+|((?:'[^'\n]*'|"[^"\n]*"|\\[\s\S]|[^\s'"\\])+)|([\s\S])/g)) {
    if (token[2] !== undefined) return undefined;
    if (token[1] !== undefined)
      words.push(
        token[1].replace(
          /'([^']*)'|"([^"]*)"|\\([\s\S])/g,
          (_, a: string | undefined, b: string | undefined, c: string | undefined) => a ?? b ?? c ?? '',
        ),
      );
  }
  return words;
}

export const xargs = tool(
  {
    short: '0d:I:n:L:P:rta:s:x',
    long: {
      null: '0',
      'delimiter=': 'd',
      'replace=?': 'I',
      'max-args=': 'n',
      'max-lines=': 'L',
      'max-procs=': 'P',
      'no-run-if-empty': 'r',
      verbose: 't',
      'arg-file=': 'a',
    },
    usage: '[OPTION]... COMMAND [INITIAL-ARGS]...',
    stopsAtOperand: true,
  },
  function* (sys, options) {
    const fd = options.has('a') ? sys.open(options.value('a')!, 'read') : 0;
    const text = textOf(yield* readAll(sys, fd));
    const delimiter = options.has('0') ? '\0' : options.value('d')?.replace('\\n', '\n').replace('\\t', '\t').replace('\\0', '\0');
    const replace = options.has('I') ? options.value('I') || '{}' : undefined;
    const items =
      delimiter !== undefined
        ? text.replace(delimiter === '\n' ? /\n$/ : /\0$/, '').split(delimiter)
        : replace !== undefined || options.has('L')
          ? text
              .split('\n')
              .map((line) => line.trim())
              .filter((line) => line !== '')
          : wordsOf(text);
    if (!items) return yield* complain(sys, 'unmatched single quote; by default quotes are special to xargs unless you use the -0 option');
    const list = text === '' ? [] : items;
    const command = options.operands.length > 0 ? options.operands : ['echo'];
    const size = Number(options.value('n') ?? options.value('L') ?? (replace !== undefined ? 1 : 5000));
    if (!(size > 0)) throw new UsageError(`value ${options.value('n')} for -n option should be >= 1`, { hint: false });
    if (list.length === 0 && (options.has('r') || replace !== undefined)) return 0;
    let status = 0;
    const input = sys.openFile('/dev/null', 'read');
    if (fd === 0) sys.fds.set(0, input);
    for (let i = 0; i === 0 || i < list.length; i += size) {
      const batch = list.slice(i, i + size);
      const argv =
        replace !== undefined
          ? command.map((word) => word.replaceAll(replace, batch[0] ?? ''))
          : [...command, ...(options.has('L') ? batch.flatMap((line) => wordsOf(line) ?? []) : batch)];
      if (options.has('t')) yield* sys.print(2, `${argv.join(' ')}\n`);
      const code = yield* execute(sys, argv);
      if (code === 127 || code === 126) return code;
      if (code === 255) return yield* complain(sys, `${argv[0]}: exited with status 255; aborting`, 124);
      if (code !== 0) status = 123;
    }
    return status;
  },
);
