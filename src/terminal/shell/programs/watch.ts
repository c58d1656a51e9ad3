import { Interrupted, readAll, textOf } from '../../../emulator/kernel/index.ts';
import { formatDate } from '../date-format.ts';
import { quotedIfNeeded } from '../quoting.ts';
import { clipped } from './screen.ts';
import { UsageError, tool } from './tool.ts';

export const watch = tool(
  {
    short: 'n:dtbexgcp',
    long: {
      'interval=': 'n',
      'differences=?': 'd',
      'no-title': 't',
      beep: 'b',
      errexit: 'e',
      exec: 'x',
      chgexit: 'g',
      color: 'c',
      precise: 'p',
    },
    usage: '[options] command',
    stopsAtOperand: true,
  },
  function* (sys, options) {
    if (options.operands.length === 0) {
      yield* sys.print(2, '\nUsage:\n watch [options] command\n\n');
      return 1;
    }
    const seconds = Number((options.value('n') ?? '2').replace(',', '.'));
    if (!Number.isFinite(seconds)) throw new UsageError(`failed to parse argument: '${options.value('n')}'`, { hint: false });
    const interval = Math.max(0.1, seconds);
    const argv = options.has('x') ? options.operands : ['sh', '-c', options.operands.join(' ')];
    const shown = options.has('x') ? options.operands.map(quotedIfNeeded).join(' ') : options.operands.join(' ');
    sys.onSignal('INT', 'catch');
    yield* sys.print(1, '\x1b[?1049h\x1b[?25l');
    let before: string[] | undefined;
    let code = 0;
    try {
      for (;;) {
        const { reader, writer } = sys.pipe();
        const fds = sys.fds.clone();
        fds.set(1, writer);
        fds.set(2, writer);
        const pid = sys.spawn({ ...sys.load(argv[0]!, argv), fds });
        const fd = sys.fds.add(reader);
        const text = textOf(yield* readAll(sys, fd));
        sys.fds.close(fd);
        code = (yield* sys.wait(pid)).code;
        const { columns, rows } = sys.tty ?? { columns: 80, rows: 24 };
        const lines = text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => clipped(options.has('c') ? line : line.replace(/\x1b\[[\d;]*m/g, ''), columns));
        const right = `${sys.hostname}: ${formatDate(sys.kernel.clock.unixMs, '%a %b %e %H:%M:%S %Y')}`;
        const left = `Every ${interval.toFixed(1)}s: ${shown}`;
        const room = columns - right.length - 1;
        const title = options.has('t')
          ? []
          : [`${(left.length > room ? `${left.slice(0, Math.max(0, room - 3))}...` : left).padEnd(room + 1)}${right}`, ''];
        const visible = [
          ...title,
          ...lines.map((line, i) => (options.has('d') && before ? highlighted(line, before[i] ?? '') : line)),
        ].slice(0, rows);
        yield* sys.print(1, `\x1b[H\x1b[J${visible.join('\n')}`);
        if ((options.has('e') && code !== 0) || (options.has('g') && before && lines.join('\n') !== before.join('\n'))) break;
        before = lines;
        yield* sys.sleep(interval * 1000);
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      sys.takeSignal();
    }
    yield* sys.print(1, '\x1b[?25h\x1b[?1049l');
    return options.has('e') && code !== 0 ? 8 : 0;
  },
);

/** What differs from before, in reverse. */
function highlighted(line: string, before: string): string {
  const old = [...before];
  let out = '';
  let isOn = false;
  for (const [i, char] of [...line].entries()) {
    const differs = old[i] !== char;
    if (differs !== isOn) out += differs ? '\x1b[7m' : '\x1b[0m';
    isOn = differs;
    out += char;
  }
  return isOn ? `${out}\x1b[0m` : out;
}
