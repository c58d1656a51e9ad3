/** The journal of this machine: `-u UNIT`, `-f`, `-n LINES`, `--since TIME`, `-o cat`, `--no-pager`, `-r`. */

import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { civilTime, parseTime, unixMs } from '../../emulator/kernel/index.ts';
import type { Journal, JournalLine } from '../../emulator/node/systemd/index.ts';
import { journalService } from '../../emulator/node/systemd/index.ts';
import { parseArguments } from './arguments.ts';

const flags = {
  '-u': { name: 'unit', takesValue: true },
  '--unit': { name: 'unit', takesValue: true },
  '-n': { name: 'lines', takesValue: true },
  '--lines': { name: 'lines', takesValue: true },
  '-f': { name: 'follow' },
  '--follow': { name: 'follow' },
  '--no-pager': { name: 'no-pager' },
  '-r': { name: 'reverse' },
  '--reverse': { name: 'reverse' },
  '-o': { name: 'output', takesValue: true },
  '--output': { name: 'output', takesValue: true },
  '-x': { name: 'catalog' },
  '-e': { name: 'end' },
  '--since': { name: 'since', takesValue: true },
  '-S': { name: 'since', takesValue: true },
  '-b': { name: 'boot' },
  '-q': { name: 'quiet' },
};
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

function format(sys: Sys, line: JournalLine, output: string | undefined): string {
  if (output === 'cat') return `${line.text}\n`;
  const t = civilTime(sys.kernel.clock.epochMs + line.atMs);
  return `${months[t.month - 1]} ${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} ${sys.hostname} ${line.identifier}: ${line.text}\n`;
}

/** Virtual milliseconds of `5 min ago`, `10m`, `2025-11-03 09:00:00`, `today`; undefined if it is none of these. */
function parseSince(sys: Sys, text: string): number | undefined {
  const { epochMs } = sys.kernel.clock;
  const ago = /^-?(\d+)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(\s+ago)?$/.exec(text);
  if (ago) {
    const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2]![0] as 's' | 'm' | 'h' | 'd'];
    return sys.nowMs - Number(ago[1]) * unit;
  }
  if (text === 'today') {
    const t = civilTime(sys.kernel.clock.unixMs);
    return unixMs(t.year, t.month, t.day) - epochMs;
  }
  const at = parseTime(`${text.includes(':') ? text.replace(' ', 'T') : `${text}T00:00:00`}Z`);
  return at === undefined ? undefined : at - epochMs;
}

export const journalctl: Program = function* (sys): Call<number> {
  const { flags: given, unknown, words } = parseArguments(sys.argv.slice(1), flags);
  if (unknown !== undefined || words.length > 0) {
    yield* sys.print(
      2,
      unknown === undefined
        ? `Failed to add match '${words[0]}': Invalid argument\n`
        : unknown.startsWith('--')
          ? `journalctl: unrecognized option '${unknown}'\n`
          : `journalctl: invalid option -- '${unknown.slice(1)}'\n`,
    );
    return 1;
  }
  const journal = sys.machine.services.get(journalService) as Journal | undefined;
  if (!journal) {
    yield* sys.print(1, '-- No entries --\n');
    return 0;
  }
  const name = given.get('unit');
  const unit = name === undefined || name.includes('.') ? name : `${name}.service`;
  const sinceMs = given.has('since') ? parseSince(sys, given.get('since')!) : Number.NEGATIVE_INFINITY;
  if (sinceMs === undefined) {
    yield* sys.print(2, `Failed to parse timestamp: ${given.get('since')}\n`);
    return 1;
  }
  const follow = given.has('follow');
  const count = given.has('lines') ? Number(given.get('lines')) : follow ? 10 : given.has('end') ? 1000 : Number.POSITIVE_INFINITY;
  let last: JournalLine | undefined;
  const some = journal.lines(unit).filter(({ atMs }) => atMs >= sinceMs);
  last = some.at(-1);
  const shown = count === Number.POSITIVE_INFINITY ? some : some.slice(Math.max(0, some.length - count));
  if (shown.length === 0 && !follow) yield* sys.print(1, '-- No entries --\n');
  for (const line of given.has('reverse') ? [...shown].reverse() : shown) yield* sys.print(1, format(sys, line, given.get('output')));
  while (follow) {
    yield* sys.block(journal.changed, 'journal');
    const lines = journal.lines(unit);
    const from = last ? lines.lastIndexOf(last) + 1 : 0;
    for (const line of lines.slice(from)) yield* sys.print(1, format(sys, line, given.get('output')));
    last = lines.at(-1) ?? last;
  }
  return 0;
};
