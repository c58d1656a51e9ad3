import type { Power } from '../../emulator/cluster/power.ts';
import { powerService } from '../../emulator/cluster/power.ts';
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';

/** A machine takes a moment to stop its services before it is off. */
const shutdownMs = 500;

function later(sys: Sys, act: (power: Power) => void): number {
  const power = sys.machine.services.get(powerService) as Power | undefined;
  if (!power) return 1;
  sys.kernel.loop.after(shutdownMs, act, power);
  return 0;
}

function* refuse(sys: Sys): Call<number> {
  yield* sys.print(2, `${sys.argv[0]}: there is no power switch here.\n`);
  return 1;
}

/** Turns this machine off. Someone else must turn it on again. */
export const poweroff: Program = function* (sys): Call<number> {
  return later(sys, (power) => power.off()) === 0 ? 0 : yield* refuse(sys);
};

export const reboot: Program = function* (sys): Call<number> {
  return later(sys, (power) => power.reboot()) === 0 ? 0 : yield* refuse(sys);
};

/** `shutdown [-h|-r|-P] [now]`: other times are refused. */
export const shutdown: Program = function* (sys): Call<number> {
  const args = sys.argv.slice(1);
  const time = args.find((arg) => !arg.startsWith('-'));
  const unknown = args.find((arg) => arg.startsWith('-') && !['-h', '-r', '-P', '--reboot', '--poweroff'].includes(arg));
  if (unknown !== undefined) {
    yield* sys.print(2, `shutdown: invalid option -- '${unknown.replace(/^-+/, '')}'\n`);
    return 1;
  }
  if (time !== undefined && time !== 'now' && time !== '+0') {
    yield* sys.print(2, `Failed to parse time specification: ${time}\n`);
    return 1;
  }
  const isReboot = args.includes('-r') || args.includes('--reboot');
  return later(sys, (power) => (isReboot ? power.reboot() : power.off())) === 0 ? 0 : yield* refuse(sys);
};
