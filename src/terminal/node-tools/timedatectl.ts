/** timedatectl and hwclock: what a machine's clocks say, and whether somebody keeps them right (systemd 252, util-linux 2.38). */
import type { Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { formatTime } from '../../emulator/kernel/index.ts';
import type { Systemd, TimeSync } from '../../emulator/node/systemd/index.ts';
import { systemdService, timeSyncService, timeSyncUnit } from '../../emulator/node/systemd/index.ts';
import { formatDate } from '../shell/date-format.ts';
import { parseDate } from '../shell/programs/system-tools.ts';

const dateFormat = '%a %F %T';

function statusText(sys: Sys, time: TimeSync): string {
  const now = formatDate(sys.kernel.clock.unixMs, dateFormat);
  const rows = [
    ['Local time', `${now} UTC`],
    ['Universal time', `${now} UTC`],
    ['RTC time', formatDate(time.hardwareUnixMs, dateFormat)],
    ['Time zone', 'Etc/UTC (UTC, +0000)'],
    ['System clock synchronized', time.isSynchronized ? 'yes' : 'no'],
    ['NTP service', time.isActive ? 'active' : 'inactive'],
    ['RTC in local TZ', 'no'],
  ];
  return rows.map(([name, value]) => `${name!.padStart(25)}: ${value}\n`).join('');
}

function propertiesText(sys: Sys, time: TimeSync): string {
  const stamp = (ms: number): string => `${formatDate(ms, dateFormat)} UTC`;
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  return `Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=yes\nNTP=${yes(time.isActive)}\nNTPSynchronized=${yes(time.isSynchronized)}\nTimeUSec=${stamp(sys.kernel.clock.unixMs)}\nRTCTimeUSec=${stamp(time.hardwareUnixMs)}\n`;
}

function setNtp(sys: Sys, word: string): string | undefined {
  const isOn = /^(1|yes|y|true|t|on)$/i.test(word);
  if (!isOn && !/^(0|no|n|false|f|off)$/i.test(word)) return `Failed to parse NTP setting '${word}': Invalid argument`;
  const systemd = sys.machine.services.get(systemdService) as Systemd;
  const unit = systemd.find(timeSyncUnit)!;
  systemd.enable(unit, isOn);
  if (isOn) systemd.start(unit);
  else systemd.stop(unit);
  return undefined;
}

function setTime(sys: Sys, time: TimeSync, text: string): string | undefined {
  const at = parseDate(text, sys.kernel.clock.unixMs);
  if (at === undefined) return `Failed to parse time specification '${text}': Invalid argument`;
  if (time.isActive) return 'Failed to set time: Automatic time synchronization is enabled';
  time.setTime(at);
  time.writeHardwareClock();
  return undefined;
}

function* end(sys: Sys, problem: string | undefined): Call<number> {
  if (problem === undefined) return 0;
  yield* sys.print(2, `${problem}\n`);
  return 1;
}

export const timedatectl: Program = function* (sys): Call<number> {
  const [verb = 'status', argument, ...rest] = sys.argv.slice(1).filter((arg) => arg !== '--no-pager' && arg !== '--no-ask-password');
  const time = sys.machine.services.get(timeSyncService) as TimeSync | undefined;
  if (!time) return yield* end(sys, "System has not been booted with systemd as init system (PID 1). Can't operate.");
  if (verb === 'status' || verb === 'show') {
    yield* sys.print(1, verb === 'show' ? propertiesText(sys, time) : statusText(sys, time));
    return 0;
  }
  if (verb !== 'set-ntp' && verb !== 'set-time')
    // Differs from systemd: the machines of the course are in UTC, and what timesyncd measured is not kept.
    return yield* end(sys, verb.startsWith('-') ? `timedatectl: unrecognized option '${verb}'` : `Unknown command verb ${verb}.`);
  if (argument === undefined) return yield* end(sys, 'Too few arguments.');
  if (rest.length > 0) return yield* end(sys, 'Too many arguments.');
  return yield* end(sys, verb === 'set-ntp' ? setNtp(sys, argument) : setTime(sys, time, argument));
};

/** `hwclock [--show|--systohc|--hctosys]` */
export const hwclock: Program = function* (sys): Call<number> {
  const [flag = '--show', ...rest] = sys.argv.slice(1);
  const time = sys.machine.services.get(timeSyncService) as TimeSync | undefined;
  if (!time) {
    yield* sys.print(
      2,
      'hwclock: Cannot access the Hardware Clock via any known method.\nhwclock: Use the --verbose option to see the details of our search for an access method.\n',
    );
    return 1;
  }
  if (rest.length > 0 || !['-r', '--show', '-w', '--systohc', '-s', '--hctosys'].includes(flag)) {
    yield* sys.print(2, `hwclock: unrecognized option '${rest[0] ?? flag}'\n`);
    return 1;
  }
  if (flag === '-w' || flag === '--systohc') time.writeHardwareClock();
  else if (flag === '-s' || flag === '--hctosys') time.setTime(time.hardwareUnixMs);
  else {
    const at = time.hardwareUnixMs;
    const seconds = formatTime(Math.floor(at / 1000) * 1000)
      .replace('T', ' ')
      .replace('Z', '');
    yield* sys.print(1, `${seconds}.${String(at % 1000).padStart(3, '0')}000+00:00\n`);
  }
  return 0;
};
