/** Small programs that turn lines into other lines: rev, nl, tac, paste, seq, yes, fold's relatives. */
import { Errno, createLineReader, textOf } from '../../../emulator/kernel/index.ts';
import type { ByteString, Program } from '../../../emulator/kernel/index.ts';
import { formatNumber } from '../format.ts';
import { unescaped } from '../escapes.ts';
import { UsageError, complain, forEachInput, linesOf, nameOf, readText, tool } from './tool.ts';

export const rev = tool({ usage: '[FILE]...' }, function* (sys, options) {
  return yield* forEachInput(sys, options.operands, function* (fd) {
    const lines = createLineReader(sys, fd);
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next())
      yield* sys.print(1, `${[...textOf(line)].reverse().join('')}\n`);
  });
});

export const tac = tool({ usage: '[FILE]...' }, function* (sys, options) {
  return yield* forEachInput(
    sys,
    options.operands,
    function* (_, path) {
      const text = yield* readText(sys, path);
      yield* sys.print(
        1,
        linesOf(text)
          .reverse()
          .map((line) => `${line}\n`)
          .join(''),
      );
    },
    (path, message) => `failed to open '${path}' for reading: ${message}`,
  );
});

export const nl = tool({ short: 'b:w:s:n:v:i:', usage: '[OPTION]... [FILE]...' }, function* (sys, options) {
  let number = Number(options.value('v') ?? 1);
  const width = Number(options.value('w') ?? 6);
  const all = options.value('b') === 'a';
  return yield* forEachInput(sys, options.operands, function* (fd) {
    const lines = createLineReader(sys, fd);
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      if (line === '' && !all) {
        yield* sys.print(1, `${' '.repeat(width + (options.value('s') ?? '\t').length)}\n`);
        continue;
      }
      const format = options.value('n') ?? 'rn';
      const digits = format === 'ln' ? String(number).padEnd(width) : String(number).padStart(width, format === 'rz' ? '0' : ' ');
      number += Number(options.value('i') ?? 1);
      yield* sys.write(1, `${digits}${options.value('s') ?? '\t'}${line}\n` as ByteString);
    }
  });
});

export const paste = tool(
  { short: 'd:s', long: { 'delimiters=': 'd', serial: 's' }, usage: '[OPTION]... [FILE]...' },
  function* (sys, options) {
    const delimiters = [...unescaped(options.value('d') ?? '\t').text];
    const glue = (parts: readonly string[]): string =>
      parts.reduce((out, part, i) => out + (i > 0 ? (delimiters[(i - 1) % delimiters.length] ?? '') : '') + part, '');
    const columns: string[][] = [];
    for (const path of options.operands.length > 0 ? options.operands : ['-']) {
      try {
        columns.push(linesOf(yield* readText(sys, path)));
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        return yield* complain(sys, `${path}: ${error.message}`);
      }
    }
    if (options.has('s')) yield* sys.print(1, columns.map((column) => `${glue(column)}\n`).join(''));
    else {
      // Several dashes take turns in reading standard input.
      const dashes = options.operands.filter((path) => path === '-').length;
      const dealt = dashes > 1 ? deal(columns, options.operands, dashes) : columns;
      const length = Math.max(...dealt.map((column) => column.length));
      for (let i = 0; i < length; i++) yield* sys.print(1, `${glue(dealt.map((column) => column[i] ?? ''))}\n`);
    }
    return 0;
  },
);

function deal(columns: readonly (readonly string[])[], paths: readonly string[], dashes: number): (readonly string[])[] {
  const input = columns[paths.indexOf('-')]!;
  let turn = 0;
  return paths.map((path, i) => {
    if (path !== '-') return columns[i]!;
    const offset = turn++;
    return input.filter((_, line) => line % dashes === offset);
  });
}

export const seq: Program = function* (sys) {
  const args = sys.argv.slice(1);
  let separator = '\n';
  let pads = false;
  let format: string | undefined;
  while (/^-[swf]/.test(args[0] ?? '')) {
    const option = args.shift()!;
    if (option[1] === 'w') pads = true;
    else if (option[1] === 's') separator = unescaped(option.slice(2) || (args.shift() ?? '')).text;
    else format = option.slice(2) || args.shift();
  }
  const bad = args.find((arg) => arg.trim() === '' || Number.isNaN(Number(arg)));
  if (args.length === 0 || args.length > 3 || bad !== undefined) {
    yield* sys.print(
      2,
      `seq: ${bad !== undefined ? `invalid floating point argument: '${bad}'` : args.length === 0 ? 'missing operand' : `extra operand '${args[3]}'`}\nTry 'seq --help' for more information.\n`,
    );
    return 1;
  }
  const [from, step, to] =
    args.length === 1 ? ['1', '1', args[0]!] : args.length === 2 ? [args[0]!, '1', args[1]!] : (args as [string, string, string]);
  const decimals = Math.max(...[from, step].map((text) => /\.(\d+)/.exec(text)?.[1]?.length ?? 0));
  const increment = Number(step);
  if (increment === 0) return yield* complain(sys, `invalid Zero increment value: '${step}'`);
  const width = pads ? Math.max(Number(from).toFixed(decimals).length, Number(to).toFixed(decimals).length) : 0;
  const count = Math.floor((Number(to) - Number(from)) / increment + 1e-9);
  let out = '';
  for (let i = 0; i <= count; i++) {
    const value = Number(from) + i * increment;
    const text = format
      ? format.replace(/%([-+ 0#]*)(\d*)(?:\.(\d+))?([efgEFG])/, (_, flags: string, w: string, p: string | undefined, kind: string) =>
          formatNumber(kind, value, flags, p === undefined ? undefined : Number(p)).padStart(Number(w), flags.includes('0') ? '0' : ' '),
        )
      : value.toFixed(decimals).padStart(width, '0');
    out += text + (i < count ? separator : '\n');
    if (out.length < 4096) continue;
    yield* sys.print(1, out);
    out = '';
  }
  yield* sys.print(1, out);
  return 0;
};

export const yes: Program = function* (sys) {
  const line = `${sys.argv.slice(1).join(' ') || 'y'}\n`;
  const block = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
  for (;;) yield* sys.print(1, block);
};

export const fold = tool({ short: 'w:s', long: { 'width=': 'w', spaces: 's' }, usage: '[OPTION]... [FILE]...' }, function* (sys, options) {
  const width = Number(options.value('w') ?? 80);
  if (!(width > 0)) throw new UsageError(`invalid number of columns: '${options.value('w')}'`, { hint: false });
  return yield* forEachInput(sys, options.operands, function* (_, path) {
    for (const line of linesOf(yield* readText(sys, path))) {
      let rest = line;
      while (rest.length > width) {
        const space = options.has('s') ? rest.lastIndexOf(' ', width - 1) : -1;
        const at = space > 0 ? space + 1 : width;
        yield* sys.print(1, `${rest.slice(0, at)}\n`);
        rest = rest.slice(at);
      }
      yield* sys.print(1, `${rest}\n`);
    }
  });
});

/** column -t: a table with columns two spaces apart. */
export const column = tool(
  { short: 'ts:o:', long: { table: 't', 'separator=': 's', 'output-separator=': 'o' }, usage: '[options] [<file>...]' },
  function* (sys, options) {
    const separator = options.value('s');
    let text = '';
    const status = yield* forEachInput(sys, options.operands, function* (_, path) {
      text += yield* readText(sys, path);
    });
    const lines = linesOf(text).filter((line) => line.trim() !== '');
    if (!options.has('t')) {
      yield* sys.print(1, lines.map((line) => `${line}\n`).join(''));
      return status;
    }
    const rows = lines.map((line) =>
      separator === undefined ? line.trim().split(/\s+/) : line.split(new RegExp(`[${separator.replace(/[\]\\^-]/g, '\\$&')}]`)),
    );
    const widths: number[] = [];
    for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, [...cell].length);
    const gap = options.value('o') ?? '  ';
    yield* sys.print(
      1,
      rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join(gap)}\n`).join(''),
    );
    return status;
  },
);

export const basename: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const many = args[0] === '-a' && args.shift() !== undefined;
  if (args.length === 0) {
    yield* sys.print(2, `${nameOf(sys)}: missing operand\nTry 'basename --help' for more information.\n`);
    return 1;
  }
  for (const path of many ? args : [args[0]!]) {
    const name = path.replace(/(.)\/+$/, '$1').replace(/^.*\/(?=.)/, '');
    const suffix = many ? '' : (args[1] ?? '');
    yield* sys.print(1, `${suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name}\n`);
  }
  return 0;
};

export const dirname = tool({ usage: '[OPTION] NAME...' }, function* (sys, options) {
  if (options.operands.length === 0) throw new UsageError('missing operand');
  for (const path of options.operands) {
    const trimmed = path.replace(/(.)\/+$/, '$1');
    const slash = trimmed.lastIndexOf('/');
    yield* sys.print(1, `${slash < 0 ? '.' : slash === 0 ? '/' : trimmed.slice(0, slash).replace(/\/+$/, '') || '/'}\n`);
  }
  return 0;
});
