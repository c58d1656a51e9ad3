/** `dmesg`: what the kernel said since the machine started (util-linux 2.38). */
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { civilTime } from '../../emulator/kernel/index.ts';
import type { Journal, JournalLine } from '../../emulator/node/systemd/index.ts';
import { journalService } from '../../emulator/node/systemd/index.ts';
import { parseArguments } from './arguments.ts';

const flags = {
  '-T': { name: 'ctime' },
  '--ctime': { name: 'ctime' },
  '-H': { name: 'human' },
  '--human': { name: 'human' },
  '-t': { name: 'notime' },
  '--notime': { name: 'notime' },
  '-x': { name: 'decode' },
  '--decode': { name: 'decode' },
  '-l': { name: 'level', takesValue: true },
  '--level': { name: 'level', takesValue: true },
  '-w': { name: 'follow' },
  '--follow': { name: 'follow' },
  '-k': { name: 'kernel' },
  '--kernel': { name: 'kernel' },
  '-P': { name: 'nopager' },
  '--nopager': { name: 'nopager' },
};
const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

function stamp(sys: Sys, given: ReadonlyMap<string, string>, atMs: number, bootMs: number): string {
  if (given.has('notime')) return '';
  if (given.has('ctime') || given.has('human')) {
    const t = civilTime(sys.kernel.clock.epochMs + atMs);
    return `[${weekdays[t.weekday]} ${months[t.month - 1]} ${String(t.day).padStart(2)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} ${t.year}] `;
  }
  return `[${((atMs - bootMs) / 1000).toFixed(6).padStart(12)}] `;
}

export const dmesg: Program = function* (sys): Call<number> {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags);
  if (unknown !== undefined || words.length > 0) {
    const what = unknown ?? words[0]!;
    const why =
      unknown === undefined
        ? 'bad usage'
        : what.startsWith('--')
          ? `unrecognized option '${what}'`
          : `invalid option -- '${what.slice(1)}'`;
    yield* sys.print(2, `dmesg: ${why}\nTry 'dmesg --help' for more information.\n`);
    return 1;
  }
  const wanted = given.get('level')?.split(',');
  const strange = wanted?.find((level) => !levels.includes(level));
  if (strange !== undefined) {
    yield* sys.print(2, `dmesg: unknown level '${strange}'\n`);
    return 1;
  }
  const journal = sys.machine.services.get(journalService) as Journal | undefined;
  if (!journal) {
    yield* sys.print(2, 'dmesg: read kernel buffer failed: Operation not permitted\n');
    return 1;
  }
  const bootMs = journal.boots.at(-1) ?? 0;
  const fits = ({ atMs, priority = 6 }: JournalLine): boolean => atMs >= bootMs && (wanted?.includes(levels[priority]!) ?? true);
  const show = ({ atMs, text, priority = 6 }: JournalLine): string =>
    `${given.has('decode') ? `kern  :${levels[priority]!.padEnd(6)}: ` : ''}${stamp(sys, given, atMs, bootMs)}${text}\n`;
  let last: JournalLine | undefined;
  for (;;) {
    const lines = journal.lines('');
    const from = last ? lines.lastIndexOf(last) + 1 : 0;
    for (const line of lines.slice(from).filter(fits)) yield* sys.print(1, show(line));
    last = lines.at(-1) ?? last;
    if (!given.has('follow')) return 0;
    yield* sys.block(journal.changed, 'journal');
  }
};
