/** What `systemctl` prints of units. */
import type { Sys } from '../../emulator/kernel/index.ts';
import { civilTime } from '../../emulator/kernel/index.ts';
import type { Systemd, UnitState } from '../../emulator/node/systemd/index.ts';
import { exitText } from '../../emulator/node/systemd/index.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** As systemd rounds spans: `5min 3s ago`. */
function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return `${ms}ms ago`;
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min${seconds < 600 ? ` ${seconds % 60}s` : ''} ago`;
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3600)}h${seconds % 3600 >= 60 ? ` ${Math.floor((seconds % 3600) / 60)}min` : ''} ago`;
  return `${Math.floor(seconds / 86_400)} day${seconds < 172_800 ? '' : 's'} ago`;
}

function date(sys: Sys, atMs: number): string {
  const t = civilTime(sys.kernel.clock.at(atMs));
  return `${weekdays[t.weekday]} ${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} UTC`;
}

/** `Nov 03 09:00:00`. */
export function journalDate(sys: Sys, atMs: number): string {
  const { month, day, hour, minute, second } = civilTime(sys.kernel.clock.at(atMs));
  return `${months[month - 1]} ${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

function subStateOf({ active, loaded }: UnitState): string {
  switch (active) {
    case 'active':
      return loaded.definition.isOneshot ? 'exited' : 'running';
    case 'inactive':
      return 'dead';
    case 'failed':
      return 'failed';
    case 'activating':
      return 'auto-restart';
  }
}

const nameOf = (path: string | undefined): string => path?.slice(path.lastIndexOf('/') + 1) ?? '';
const enabledText = ({ isEnabled, loaded }: UnitState): string =>
  loaded.isMasked ? 'masked' : isEnabled ? 'enabled' : loaded.definition.wantedBy.length > 0 ? 'disabled' : 'static';

function* loadedLines(sys: Sys, state: UnitState): Generator<string> {
  const { loaded, name } = state;
  if (loaded.isMasked) yield `     Loaded: masked (Reason: Unit ${name} is masked.)`;
  else yield `     Loaded: loaded (${loaded.path}; ${enabledText(state)}; preset: enabled)`;
  const folders = new Map<string, string[]>();
  for (const path of loaded.dropIns) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    folders.set(folder, [...(folders.get(folder) ?? []), nameOf(path)]);
  }
  let isFirst = true;
  for (const [folder, files] of folders) {
    yield `${isFirst ? '    Drop-In: ' : '             '}${folder}`;
    yield `             └─${files.join(', ')}`;
    isFirst = false;
  }
  const result = state.result === 'success' || state.active === 'active' ? '' : ` (Result: ${state.result})`;
  const since =
    state.active === 'inactive' && state.sinceMs === 0 && state.exit === undefined
      ? ''
      : ` since ${date(sys, state.sinceMs)}; ${ago(sys.nowMs - state.sinceMs)}`;
  yield `     Active: ${state.active} (${subStateOf(state)})${result}${since}`;
}

/** `systemctl status`. */
export function statusText(sys: Sys, systemd: Systemd, state: UnitState, lines: number): string {
  const { name, active, process, exit, loaded, argv } = state;
  const { documentation, execStart, description } = loaded.definition;
  const stale = systemd.isStale(state)
    ? `Warning: The unit file, source configuration file or drop-ins of ${name} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`
    : '';
  const mark = active === 'inactive' ? '○' : active === 'failed' ? '×' : '●';
  const ended = !process && exit && execStart;
  return `${stale}${[
    `${mark} ${name}${description ? ` - ${description}` : ''}`,
    ...loadedLines(sys, state),
    ...(documentation.length > 0 ? [`       Docs: ${documentation.join('\n             ')}`] : []),
    ...(ended
      ? [`    Process: ${exit.pid} ExecStart=${execStart} (${exitText(exit)})`, `   Main PID: ${exit.pid} (${exitText(exit)})`]
      : []),
    ...(process
      ? [
          `   Main PID: ${process.pid} (${nameOf(argv[0])})`,
          `        CPU: ${Math.round(process.cpuMs)}ms`,
          `     CGroup: /system.slice/${name}`,
          `             └─${process.pid} ${argv.join(' ')}`,
        ]
      : []),
    '',
    ...systemd.journal
      .lines(name)
      .slice(-lines)
      .map((line) => `${journalDate(sys, line.atMs)} ${sys.hostname} ${line.identifier}: ${line.text}`),
    '',
  ].join('\n')}`;
}

/** Rows in columns, the last of them as it is. */
function table(rows: readonly (readonly string[])[], indent: string): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) => `${indent}${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join(' ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

export function listUnits(systemd: Systemd, given: ReadonlyMap<string, string>): string {
  const wanted = given.has('failed') ? 'failed' : given.get('state');
  const states = [...systemd.units.values()]
    .filter(({ active }) => (wanted === undefined ? given.has('all') || active !== 'inactive' : active === wanted))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = states.map((state) => [
    `${state.active === 'failed' ? '●' : ' '} ${state.name}`,
    state.loaded.isMasked ? 'masked' : 'loaded',
    state.active,
    subStateOf(state),
    state.loaded.definition.description,
  ]);
  if (given.has('no-legend')) return rows.length === 0 ? '' : table(rows, '');
  const legend =
    'LOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n';
  if (rows.length === 0) return '  UNIT LOAD ACTIVE SUB DESCRIPTION\n0 loaded units listed.\n';
  return `${table([['  UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], ...rows], '')}\n${legend}${rows.length} loaded units listed.${given.has('all') ? '' : ' Pass --all to see loaded but inactive units, too.'}\n`;
}

export function listUnitFiles(sys: Sys, systemd: Systemd, names: readonly string[]): string {
  const chosen = [...systemd.units.values()]
    .filter(({ name }) => names.length === 0 || names.some((one) => name === one || name === `${one}.service`))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = chosen.map((state) => [state.name, enabledText(state), 'enabled']);
  return `${table([['UNIT FILE', 'STATE', 'PRESET'], ...rows], '')}\n${sys.argv.includes('--no-legend') ? '' : `${rows.length} unit files listed.\n`}`;
}

/** Properties that `systemctl show` knows, in systemd's order as far as it matters. */
export function propertiesOf(sys: Sys, state: UnitState): ReadonlyMap<string, string> {
  const { name, loaded, active, process, exit, restarts, result, sinceMs } = state;
  const { definition, dropIns } = loaded;
  return new Map([
    ['Type', definition.isOneshot ? 'oneshot' : 'simple'],
    ['Restart', definition.restart],
    ['RestartUSec', definition.restartMs % 1000 === 0 ? `${definition.restartMs / 1000}s` : `${definition.restartMs}ms`],
    ['MainPID', String(process?.pid ?? 0)],
    ['NRestarts', String(restarts)],
    ['Result', result],
    ['ExecMainStatus', String(exit?.code ?? 0)],
    [
      'ExecStart',
      definition.execStart === undefined ? '' : `{ path=${definition.execStart.split(' ')[0]} ; argv[]=${definition.execStart} }`,
    ],
    ['Environment', definition.environment.join(' ')],
    [
      'EnvironmentFiles',
      definition.environmentFiles
        .map((path) => `${path.replace(/^-/, '')} (ignore_errors=${path.startsWith('-') ? 'yes' : 'no'})`)
        .join('\n'),
    ],
    ['Id', name],
    ['Names', name],
    ['Description', definition.description],
    ['LoadState', loaded.isMasked ? 'masked' : 'loaded'],
    ['ActiveState', active],
    ['SubState', subStateOf(state)],
    ['FragmentPath', loaded.path ?? ''],
    ['DropInPaths', dropIns.join(' ')],
    ['UnitFileState', enabledText(state)],
    ['StateChangeTimestamp', date(sys, sinceMs)],
  ]);
}
