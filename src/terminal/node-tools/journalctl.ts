/** The journal of this machine: `-u`, `-f`, `-n`, `-k`, `-b`, `-p`, `-g`, `-r`, `--since`, `--until`, `-o short|short-iso|cat|json|…`, `--list-boots` (systemd 252). */
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { civilTime, parseTime, unixMs } from '../../emulator/kernel/index.ts';
import type { Journal, JournalLine } from '../../emulator/node/systemd/index.ts';
import { journalService } from '../../emulator/node/systemd/index.ts';
import { parseArguments } from './arguments.ts';
import { journalDate } from './systemctl-views.ts';

const value = (name: string) => ({ name, takesValue: true });
const flags = {
  '-u': value('unit'),
  '--unit': value('unit'),
  '-n': value('lines'),
  '--lines': value('lines'),
  '-f': { name: 'follow' },
  '--follow': { name: 'follow' },
  '--no-pager': { name: 'no-pager' },
  '--no-hostname': { name: 'no-hostname' },
  '--no-full': { name: 'no-full' },
  '-l': { name: 'full' },
  '--full': { name: 'full' },
  '-a': { name: 'all' },
  '-r': { name: 'reverse' },
  '--reverse': { name: 'reverse' },
  '-o': value('output'),
  '--output': value('output'),
  '-x': { name: 'catalog' },
  '--catalog': { name: 'catalog' },
  '-e': { name: 'end' },
  '--pager-end': { name: 'end' },
  '--since': value('since'),
  '-S': value('since'),
  '--until': value('until'),
  '-U': value('until'),
  '-b': { name: 'boot' },
  '--boot': { name: 'boot' },
  '--list-boots': { name: 'list-boots' },
  '--disk-usage': { name: 'disk-usage' },
  '-k': { name: 'dmesg' },
  '--dmesg': { name: 'dmesg' },
  '-p': value('priority'),
  '--priority': value('priority'),
  '-g': value('grep'),
  '--grep': value('grep'),
  '-t': value('identifier'),
  '--identifier': value('identifier'),
  '-q': { name: 'quiet' },
  '--quiet': { name: 'quiet' },
  '--utc': { name: 'utc' },
};
const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const two = (n: number): string => String(n).padStart(2, '0');

function isoDate(sys: Sys, atMs: number): string {
  const t = civilTime(sys.kernel.clock.at(atMs));
  return `${t.year}-${two(t.month)}-${two(t.day)}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

type Format = (sys: Sys, line: JournalLine) => string;

const fields = (sys: Sys, { atMs, unit, identifier, text, priority = 6 }: JournalLine): Readonly<Record<string, string>> => ({
  __REALTIME_TIMESTAMP: String(sys.kernel.clock.at(atMs) * 1000),
  _HOSTNAME: sys.hostname,
  PRIORITY: String(priority),
  SYSLOG_IDENTIFIER: identifier.replace(/\[\d+\]$/, ''),
  ...(/\[(\d+)\]$/.test(identifier) ? { _PID: /\[(\d+)\]$/.exec(identifier)![1]! } : {}),
  ...(unit === '' ? { _TRANSPORT: 'kernel' } : { _SYSTEMD_UNIT: unit }),
  MESSAGE: text,
});

const short =
  (date: (sys: Sys, atMs: number) => string): Format =>
  (sys, line) =>
    `${date(sys, line.atMs)} ${sys.hostname} ${line.identifier}: ${line.text}\n`;

const formats: Readonly<Record<string, Format>> = {
  short: short(journalDate),
  'short-iso': short((sys, atMs) => `${isoDate(sys, atMs)}+0000`),
  'short-precise': short((sys, atMs) => `${journalDate(sys, atMs)}.${String(atMs % 1000).padStart(3, '0')}000`),
  'short-unix': short((sys, atMs) => `${(sys.kernel.clock.at(atMs) / 1000).toFixed(6)}`),
  'short-monotonic': short((_sys, atMs) => `[${(atMs / 1000).toFixed(6).padStart(12)}]`),
  cat: (_sys, { text }) => `${text}\n`,
  json: (sys, line) => `${JSON.stringify(fields(sys, line))}\n`,
  'json-pretty': (sys, line) => `${JSON.stringify(fields(sys, line), null, '\t')}\n`,
};

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Unix milliseconds, by the machine's clock, of `5 min ago`, `-1h30m`, `2025-11-03 09:00:00`, `09:00`, `today`; undefined if it is none of these. */
function parseWhen(sys: Sys, text: string): number | undefined {
  const now = sys.kernel.clock.unixMs;
  if (text === 'now') return now;
  const span = /^-?((?:\d+\s*(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)\s*)+)(?:ago)?$/.exec(text);
  if (span) {
    let ago = 0;
    for (const [, count, unit] of span[1]!.matchAll(/(\d+)\s*([a-z])[a-z]*/g)) ago += Number(count) * units[unit!]!;
    return now - ago;
  }
  const t = civilTime(now);
  const midnight = unixMs(t.year, t.month, t.day);
  if (text === 'today') return midnight;
  if (text === 'yesterday') return midnight - units.d!;
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (clock) return midnight + Number(clock[1]) * units.h! + Number(clock[2]) * units.m! + Number(clock[3] ?? 0) * 1000;
  const full = /^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(text) ? `${text}:00` : text;
  return parseTime(`${full.includes(':') ? full.replace(' ', 'T') : `${full}T00:00:00`}Z`);
}

/** `err`, `3` or `err..notice`: which priorities are shown. */
function parsePriority(text: string): ((priority: number) => boolean) | undefined {
  const number = (word: string): number => (/^[0-7]$/.test(word) ? Number(word) : priorities.indexOf(word));
  const [first = '', last] = text.split('..');
  const [from, to] = last === undefined ? [0, number(first)] : [number(first), number(last)];
  return from < 0 || to < 0 ? undefined : (priority) => priority >= Math.min(from, to) && priority <= Math.max(from, to);
}

interface Query {
  readonly read: (journal: Journal) => readonly JournalLine[];
}

/** What of the journal is asked for; or the complaint. */
function queryOf(sys: Sys, given: ReadonlyMap<string, string>, boot: number | undefined, journal: Journal): Query | string {
  const name = given.get('unit');
  const unit = given.has('dmesg') ? '' : name === undefined || name.includes('.') ? name : `${name}.service`;
  const times = { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  for (const key of ['since', 'until'] as const) {
    const text = given.get(key);
    if (text === undefined) continue;
    const at = parseWhen(sys, text);
    if (at === undefined) return `Failed to parse timestamp: ${text}`;
    times[key] = at;
  }
  const booted = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
  if (boot !== undefined || given.has('dmesg')) {
    const { boots } = journal;
    const i = boot === undefined || boot <= 0 ? boots.length - 1 + (boot ?? 0) : boot - 1;
    if (boots[i] === undefined && boots.length > 0)
      return `Data from the specified boot (${boot}) is not available: No such boot ID in journal`;
    booted.fromMs = boots[i] ?? 0;
    booted.toMs = (boots[i + 1] ?? Number.POSITIVE_INFINITY) - 1;
  }
  const fits = given.has('priority') ? parsePriority(given.get('priority')!) : () => true;
  if (!fits) return `Unknown log level ${given.get('priority')}`;
  const pattern = given.get('grep');
  const expression = pattern === undefined ? undefined : new RegExp(pattern, pattern === pattern.toLowerCase() ? 'i' : '');
  const identifier = given.get('identifier');
  const { clock } = sys.kernel;
  return {
    read: (from) =>
      from
        .lines(unit)
        .filter(
          (line) =>
            line.atMs >= booted.fromMs &&
            line.atMs <= booted.toMs &&
            clock.at(line.atMs) >= times.since &&
            clock.at(line.atMs) <= times.until &&
            fits(line.priority ?? 6) &&
            (expression?.test(line.text) ?? true) &&
            (identifier === undefined || line.identifier.replace(/\[\d+\]$/, '') === identifier),
        ),
  };
}

function* refuse(sys: Sys, text: string): Call<number> {
  yield* sys.print(2, `${text}\n`);
  return 1;
}

/** Ids of boots are made of their number. */
const bootId = (i: number): string => (i + 1).toString(16).padStart(32, 'b0075e55');

function* listBoots(sys: Sys, { boots }: Journal): Call<number> {
  const rows = boots.map((atMs, i) => {
    const lastMs = (boots[i + 1] ?? sys.nowMs + 1) - 1;
    const show = (ms: number): string => `${isoDate(sys, ms).replace('T', ' ')} UTC`;
    return `${String(i - boots.length + 1).padStart(3)} ${bootId(i)} ${show(atMs)} ${show(lastMs)}\n`;
  });
  yield* sys.print(1, `IDX BOOT ID                          FIRST ENTRY             LAST ENTRY\n${rows.join('')}`);
  return 0;
}

/** Takes the number after `-b` off the words, which parses as a word. */
function takeBoot(
  given: ReadonlyMap<string, string>,
  words: readonly string[],
): { readonly boot: number | undefined; readonly rest: readonly string[] } {
  if (!given.has('boot')) return { boot: undefined, rest: words };
  const [first] = words;
  return first !== undefined && /^-?\d+$/.test(first) ? { boot: Number(first), rest: words.slice(1) } : { boot: 0, rest: words };
}

/** `-b -1` and `-n5` are words that look like flags. */
const normalise = (args: readonly string[]): string[] =>
  args.flatMap((arg, i) => {
    const joined = /^-b(-?\d+)$/.exec(arg);
    if (joined) return ['-b', '--', joined[1]!];
    return arg === '-b' && /^-\d+$/.test(args[i + 1] ?? '') ? ['-b', '--'] : [arg];
  });

export const journalctl: Program = function* (sys): Call<number> {
  const { flags: given, unknown, words } = parseArguments(normalise(sys.argv.slice(1)), flags);
  if (unknown !== undefined)
    return yield* refuse(
      sys,
      unknown.startsWith('--') ? `journalctl: unrecognized option '${unknown}'` : `journalctl: invalid option -- '${unknown.slice(1)}'`,
    );
  const { boot, rest } = takeBoot(given, words);
  if (rest.length > 0) return yield* refuse(sys, `Failed to add match '${rest[0]}': Invalid argument`);
  const format = formats[given.get('output') ?? 'short'];
  if (!format) return yield* refuse(sys, `Unknown output format '${given.get('output')}'.`);
  const journal = sys.machine.services.get(journalService) as Journal | undefined;
  if (!journal) {
    yield* sys.print(1, '-- No entries --\n');
    return 0;
  }
  if (given.has('list-boots')) return yield* listBoots(sys, journal);
  if (given.has('disk-usage')) {
    yield* sys.print(1, 'Archived and active journals take up 8.0M in the file system.\n');
    return 0;
  }
  const query = queryOf(sys, given, boot, journal);
  if (typeof query === 'string') return yield* refuse(sys, query);
  const follow = given.has('follow');
  const asked = given.get('lines');
  if (asked !== undefined && asked !== 'all' && !/^\d+$/.test(asked)) return yield* refuse(sys, `Failed to parse lines '${asked}'`);
  const count =
    asked === undefined
      ? follow
        ? 10
        : given.has('end')
          ? 1000
          : Number.POSITIVE_INFINITY
      : asked === 'all'
        ? Number.POSITIVE_INFINITY
        : Number(asked);
  const some = query.read(journal);
  let last = some.at(-1);
  const shown = count === Number.POSITIVE_INFINITY ? some : some.slice(Math.max(0, some.length - count));
  if (shown.length === 0 && !follow && !given.has('quiet')) yield* sys.print(1, '-- No entries --\n');
  for (const line of given.has('reverse') ? [...shown].reverse() : shown) yield* sys.print(1, format(sys, line));
  while (follow) {
    yield* sys.block(journal.changed, 'journal');
    const lines = query.read(journal);
    const from = last ? lines.lastIndexOf(last) + 1 : 0;
    for (const line of lines.slice(from)) yield* sys.print(1, format(sys, line));
    last = lines.at(-1) ?? last;
  }
  return 0;
};
