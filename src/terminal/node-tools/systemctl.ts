/**
 * Services of this machine: status, start, stop, restart and their like, enable, mask, list-units, list-unit-files, cat, show, edit,
 * daemon-reload (systemd 252).
 */
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { parseSignal } from '../../emulator/kernel/index.ts';
import type { Systemd, UnitState } from '../../emulator/node/systemd/index.ts';
import { systemdService, unitFolders } from '../../emulator/node/systemd/index.ts';
import { parseArguments } from './arguments.ts';
import { listUnitFiles, listUnits, propertiesOf, statusText } from './systemctl-views.ts';

const flags = {
  '--no-pager': { name: 'no-pager' },
  '-l': { name: 'full' },
  '--full': { name: 'full' },
  '--now': { name: 'now' },
  '-q': { name: 'quiet' },
  '--quiet': { name: 'quiet' },
  '--type': { name: 'type', takesValue: true },
  '-t': { name: 'type', takesValue: true },
  '--state': { name: 'state', takesValue: true },
  '--failed': { name: 'failed' },
  '--all': { name: 'all' },
  '-a': { name: 'all' },
  '-n': { name: 'lines', takesValue: true },
  '--lines': { name: 'lines', takesValue: true },
  '-p': { name: 'property', takesValue: true },
  '-P': { name: 'only-value', takesValue: true },
  '--property': { name: 'property', takesValue: true },
  '--value': { name: 'value' },
  '-s': { name: 'signal', takesValue: true },
  '--signal': { name: 'signal', takesValue: true },
  '--no-legend': { name: 'no-legend' },
  '--plain': { name: 'plain' },
  '--no-block': { name: 'no-block' },
  '--force': { name: 'force' },
  '-f': { name: 'force' },
};

interface Context {
  readonly sys: Sys;
  readonly systemd: Systemd;
  readonly given: ReadonlyMap<string, string>;
}

type Verb = (context: Context, state: UnitState) => Call<number>;

/** What starts a unit first hears why it cannot be, and that its files have changed. */
const starting = (act: (systemd: Systemd, state: UnitState) => void, isFine = (_state: UnitState): boolean => true): Verb =>
  function* ({ sys, systemd }, state) {
    const refusal = systemd.refusal(state);
    const command = sys.argv.slice(1).find((arg) => !arg.startsWith('-'));
    if (refusal !== undefined && isFine(state)) {
      yield* sys.print(2, `Failed to ${command} ${state.name}: ${refusal}\n`);
      return refusal.includes('not found') ? 5 : 1;
    }
    if (systemd.isStale(state))
      yield* sys.print(
        2,
        `Warning: The unit file, source configuration file or drop-ins of ${state.name} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`,
      );
    act(systemd, state);
    if (state.active !== 'failed') return 0;
    yield* sys.print(
      2,
      `Job for ${state.name} failed.\nSee "systemctl status ${state.name}" and "journalctl -xeu ${state.name}" for details.\n`,
    );
    return 1;
  };

const quietly = (act: (systemd: Systemd, state: UnitState) => void): Verb =>
  function* ({ systemd }, state) {
    act(systemd, state);
    return 0;
  };

function* say({ sys, given }: Context, word: string, code: number): Call<number> {
  if (!given.has('quiet')) yield* sys.print(1, `${word}\n`);
  return code;
}

const isUp = ({ active }: UnitState): boolean => active === 'active' || active === 'activating';

/** Opens the editor on a drop-in, and reloads when it has been left. */
function* edit({ sys, systemd, given }: Context, state: UnitState): Call<number> {
  const path = given.has('full') ? `${unitFolders[0]}/${state.name}` : `${unitFolders[0]}/${state.name}.d/override.conf`;
  sys.fs.mkdirs(path.slice(0, path.lastIndexOf('/')));
  if (given.has('full') && !sys.fs.find(path)) sys.fs.writeFile(path, sys.fs.readFile(state.loaded.path!));
  const editor = sys.env.get('SYSTEMD_EDITOR') ?? sys.env.get('EDITOR') ?? 'nano';
  const { program } = sys.load(editor, [editor, path]);
  const pid = sys.spawn({ program, argv: [editor, path] });
  const { code } = yield* sys.wait(pid);
  systemd.reload();
  return code;
}

const verbs: Readonly<Record<string, Verb>> = {
  *status({ sys, systemd, given }, state) {
    yield* sys.print(1, statusText(sys, systemd, state, Number(given.get('lines') ?? 10)));
    return state.active === 'active' ? 0 : 3;
  },
  start: starting((systemd, state) => systemd.start(state)),
  stop: quietly((systemd, state) => systemd.stop(state)),
  restart: starting((systemd, state) => systemd.restart(state)),
  'try-restart': quietly((systemd, state) => isUp(state) && systemd.restart(state)),
  'reload-or-restart': starting((systemd, state) => systemd.restart(state)),
  *reload({ sys }, state) {
    yield* sys.print(2, `Failed to reload ${state.name}: Job type reload is not applicable for unit ${state.name}.\n`);
    return 1;
  },
  *kill({ sys, systemd, given }, state) {
    const signal = parseSignal(given.get('signal') ?? 'TERM');
    if (!signal) {
      yield* sys.print(2, `Failed to parse signal string ${given.get('signal')}.\n`);
      return 1;
    }
    systemd.kill(state, signal);
    return 0;
  },
  'is-active': (context, state) => say(context, state.active, state.active === 'active' ? 0 : 3),
  'is-failed': (context, state) => say(context, state.active, state.active === 'failed' ? 0 : 1),
  'is-enabled': (context, state) =>
    say(
      context,
      state.loaded.isMasked ? 'masked' : state.isEnabled ? 'enabled' : 'disabled',
      state.isEnabled && !state.loaded.isMasked ? 0 : 1,
    ),
  *enable({ sys, systemd, given }, state) {
    if (state.loaded.isMasked) {
      yield* sys.print(2, `Failed to enable unit: Unit file ${unitFolders[0]}/${state.name} is masked.\n`);
      return 1;
    }
    yield* sys.print(2, systemd.enable(state, true));
    if (given.has('now')) systemd.start(state);
    return 0;
  },
  *disable({ sys, systemd, given }, state) {
    yield* sys.print(2, systemd.enable(state, false));
    if (given.has('now')) systemd.stop(state);
    return 0;
  },
  *mask({ sys, systemd, given }, state) {
    yield* sys.print(2, systemd.mask(state, true));
    if (given.has('now')) systemd.stop(state);
    return 0;
  },
  *unmask({ sys, systemd }, state) {
    yield* sys.print(2, systemd.mask(state, false));
    return 0;
  },
  'reset-failed': quietly((_systemd, state) => {
    if (state.active === 'failed') state.active = 'inactive';
    state.restarts = 0;
    state.starts.length = 0;
  }),
  *cat({ sys }, { loaded, name }) {
    if (loaded.isMasked || loaded.path === undefined) {
      yield* sys.print(2, loaded.isMasked ? `# Unit ${name} is masked.\n` : `No files found for ${name}.\n`);
      return 1;
    }
    for (const [i, path] of [loaded.path, ...loaded.dropIns].entries()) {
      yield* sys.print(1, `${i > 0 ? '\n' : ''}# ${path}\n`);
      if (sys.fs.find(path)?.kind === 'file') yield* sys.write(1, sys.fs.readFile(path));
    }
    return 0;
  },
  *show({ sys, given }, state) {
    const all = propertiesOf(sys, state);
    const names = (given.get('property') ?? given.get('only-value'))?.split(',');
    const isBare = given.has('value') || given.has('only-value');
    for (const [name, value] of names ? names.map((one) => [one, all.get(one)] as const) : all)
      if (value !== undefined) yield* sys.print(1, isBare ? `${value}\n` : `${name}=${value}\n`);
    return 0;
  },
  edit,
};

function* missing({ sys }: Context, command: string, name: string): Call<number> {
  if (command === 'is-active' || command === 'is-failed' || command === 'is-enabled') {
    yield* sys.print(1, command === 'is-enabled' ? 'not-found\n' : 'inactive\n');
    return 4;
  }
  if (command === 'show') {
    yield* sys.print(1, `LoadState=not-found\nActiveState=inactive\n`);
    return 0;
  }
  const said =
    command === 'status'
      ? `Unit ${name} could not be found.`
      : command === 'cat' || command === 'edit'
        ? `No files found for ${name}.`
        : command === 'enable' || command === 'disable'
          ? `Failed to ${command} unit: Unit file ${name} does not exist.`
          : `Failed to ${command} ${name}: Unit ${name} not ${command === 'stop' || command === 'kill' ? 'loaded' : 'found'}.`;
  yield* sys.print(2, `${said}\n`);
  return command === 'status' ? 4 : command === 'cat' || command === 'enable' || command === 'disable' ? 1 : 5;
}

/** Commands about all units at once. Undefined for one that is about some. */
function* overall({ sys, systemd, given }: Context, command: string, names: readonly string[]): Call<number | undefined> {
  switch (command) {
    case 'daemon-reload':
    case 'daemon-reexec':
      systemd.reload();
      return 0;
    case 'reset-failed':
      if (names.length > 0) return undefined;
      for (const state of systemd.units.values()) if (state.active === 'failed') state.active = 'inactive';
      return 0;
    case 'list-units':
      yield* sys.print(1, listUnits(systemd, given));
      return 0;
    case 'list-unit-files':
      yield* sys.print(1, listUnitFiles(sys, systemd, names));
      return 0;
    case 'is-system-running': {
      const isDegraded = [...systemd.units.values()].some(({ active }) => active === 'failed');
      yield* sys.print(1, isDegraded ? 'degraded\n' : 'running\n');
      return Number(isDegraded);
    }
    default:
      return undefined;
  }
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
  const context: Context = { sys, systemd, given };
  const [command = 'list-units', ...names] = words;
  const done = yield* overall(context, command, names);
  if (done !== undefined) return done;
  const verb = Object.hasOwn(verbs, command) ? verbs[command] : undefined;
  if (!verb) {
    yield* sys.print(2, `Unknown command verb ${command}.\n`);
    return 1;
  }
  if (names.length === 0) {
    yield* sys.print(2, 'Too few arguments.\n');
    return 1;
  }
  let code = 0;
  for (const name of names) {
    const state = systemd.find(name);
    const result = state ? yield* verb(context, state) : yield* missing(context, command, name.includes('.') ? name : `${name}.service`);
    code = Math.max(code, result);
  }
  return code;
};
