/** Services of this machine: `systemctl status|start|stop|restart|is-active|enable|disable|list-units|daemon-reload|cat`. */

import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { civilTime } from '../../emulator/kernel/index.ts';
import type { Systemd, UnitState } from '../../emulator/node/systemd/index.ts';
import { systemdService } from '../../emulator/node/systemd/index.ts';
import { parseArguments } from './arguments.ts';

const flags = {
  '--no-pager': { name: 'no-pager' },
  '-l': { name: 'full' },
  '--full': { name: 'full' },
  '--now': { name: 'now' },
  '-q': { name: 'quiet' },
  '--quiet': { name: 'quiet' },
  '--type': { name: 'type', takesValue: true },
  '-t': { name: 'type', takesValue: true },
  '--all': { name: 'all' },
  '-a': { name: 'all' },
  '-n': { name: 'lines', takesValue: true },
  '--lines': { name: 'lines', takesValue: true },
};
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
  const t = civilTime(sys.kernel.clock.epochMs + atMs);
  return `${weekdays[t.weekday]} ${t.year}-${two(t.month)}-${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} UTC`;
}

const subState = { active: 'running', inactive: 'dead', failed: 'failed', activating: 'auto-restart' } as const;

function status(sys: Sys, systemd: Systemd, state: UnitState, lines: number): string {
  const { unit, active, process, exit, isEnabled, sinceMs } = state;
  const result = active === 'activating' ? ' (Result: exit-code)' : '';
  const t = (atMs: number): string => {
    const { month, day, hour, minute, second } = civilTime(sys.kernel.clock.epochMs + atMs);
    return `${months[month - 1]} ${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
  };
  const name = unit.argv?.[0]?.split('/').at(-1);
  return [
    `${active === 'active' ? '●' : active === 'inactive' ? '○' : active === 'failed' ? '×' : '●'} ${unit.name} - ${unit.description}`,
    `     Loaded: loaded (${unit.path}; ${isEnabled ? 'enabled' : 'disabled'}; preset: enabled)`,
    `     Active: ${active} (${subState[active]})${result} since ${date(sys, sinceMs)}; ${ago(sys.nowMs - sinceMs)}`,
    ...(process
      ? [`   Main PID: ${process.pid} (${name})`]
      : exit && unit.argv
        ? [`    Process: ${exit.pid} ExecStart=${unit.argv.join(' ')} (code=exited, status=${exit.code}/FAILURE)`]
        : []),
    ...(process ? [`     CGroup: /system.slice/${unit.name}`, `             └─${process.pid} ${process.argv.join(' ')}`] : []),
    '',
    ...systemd.journal
      .lines(unit.name)
      .slice(-lines)
      .map((line) => `${t(line.atMs)} ${sys.hostname} ${line.identifier}: ${line.text}`),
    '',
  ].join('\n');
}

function* listUnits(sys: Sys, systemd: Systemd): Call<number> {
  const rows = [...systemd.units.values()].map(({ unit, active }) => [unit.name, 'loaded', active, subState[active], unit.description]);
  const widths = [0, 1, 2, 3].map((i) => Math.max(...[['UNIT', 'LOAD', 'ACTIVE', 'SUB'], ...rows].map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => `  ${row.map((cell, i) => (i < 4 ? cell.padEnd(widths[i]!) : cell)).join(' ')}\n`;
  yield* sys.print(
    1,
    `${line(['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION']) + rows.map(line).join('')}\n${rows.length} loaded units listed.\n`,
  );
  return 0;
}

export const systemctl: Program = function* (sys): Call<number> {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags);
  const systemd = sys.machine.services.get(systemdService) as Systemd | undefined;
  if (!systemd) {
    yield* sys.print(
      2,
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
    );
    return 1;
  }
  if (unknown !== undefined) {
    yield* sys.print(
      2,
      unknown.startsWith('--') ? `systemctl: unrecognized option '${unknown}'\n` : `systemctl: invalid option -- '${unknown.slice(1)}'\n`,
    );
    return 1;
  }
  const [command = 'list-units', ...names] = words;
  if (command === 'daemon-reload' || command === 'reset-failed') return 0;
  if (command === 'list-units') return yield* listUnits(sys, systemd);
  if (names.length === 0) {
    yield* sys.print(2, 'Too few arguments.\n');
    return 1;
  }
  let code = 0;
  for (const name of names) {
    const state = systemd.find(name);
    const full = name.includes('.') ? name : `${name}.service`;
    const result = state ? yield* act(sys, systemd, state, command, given) : undefined;
    if (result === 'unknown') {
      yield* sys.print(2, `Unknown command verb ${command}.\n`);
      return 1;
    }
    if (result !== undefined) code = Math.max(code, result);
    else if (command === 'is-active' || command === 'is-enabled') {
      yield* sys.print(1, command === 'is-active' ? 'inactive\n' : 'not-found\n');
      code = 4;
    } else if (command === 'status') {
      yield* sys.print(2, `Unit ${full} could not be found.\n`);
      code = 4;
    } else {
      yield* sys.print(2, `Failed to ${command} ${full}: Unit ${full} not found.\n`);
      code = 5;
    }
  }
  return code;
};

function* act(sys: Sys, systemd: Systemd, state: UnitState, command: string, given: ReadonlyMap<string, string>): Call<number | 'unknown'> {
  switch (command) {
    case 'status':
      yield* sys.print(1, status(sys, systemd, state, Number(given.get('lines') ?? 10)));
      return state.active === 'active' ? 0 : 3;
    case 'start':
      systemd.start(state);
      return 0;
    case 'stop':
      systemd.stop(state);
      return 0;
    case 'restart':
      systemd.restart(state);
      return 0;
    case 'is-active':
      if (!given.has('quiet')) yield* sys.print(1, `${state.active}\n`);
      return state.active === 'active' ? 0 : 3;
    case 'is-enabled':
      yield* sys.print(1, state.isEnabled ? 'enabled\n' : 'disabled\n');
      return state.isEnabled ? 0 : 1;
    case 'enable':
    case 'disable':
      state.isEnabled = command === 'enable';
      if (given.has('now')) systemd[command === 'enable' ? 'start' : 'stop'](state);
      return 0;
    case 'cat': {
      const inode = sys.fs.find(state.unit.path);
      yield* sys.print(1, `# ${state.unit.path}\n`);
      if (inode?.kind === 'file') yield* sys.write(1, sys.fs.readFile(state.unit.path));
      return 0;
    }
    default:
      return 'unknown';
  }
}
