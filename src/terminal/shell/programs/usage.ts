/** free and top: what the machine's memory and CPUs are used for. */
import type { Call, Machine, Process, Sys } from '../../../emulator/kernel/index.ts';
import { nodeService } from '../../../emulator/node/container-runtime/cgroup.ts';
import type { Kubelet } from '../../../emulator/node/kubelet/index.ts';
import { formatDate } from '../date-format.ts';
import type { SeenProcess } from './process-view.ts';
import { seenProcesses } from './process-view.ts';
import { FullScreen } from './screen.ts';
import { complain, humanSize, tool } from './tool.ts';

const kibibyte = 1024;

interface Memory {
  readonly total: number;
  readonly used: number;
  readonly cached: number;
}

/** As the kernel counts: a container sees the memory of its node. */
function memoryOf(sys: Sys): Memory {
  const node = (sys.machine.services.get(nodeService) as Machine | undefined) ?? sys.machine;
  const hardware = node.services.get('hardware') as { readonly memoryBytes: number } | undefined;
  const total = hardware?.memoryBytes ?? 8 * 1024 ** 3;
  const kubelet = node.services.get('kubelet') as Kubelet | undefined;
  const used = Math.min(total, kubelet?.usage.memoryBytes ?? 300 * 1024 ** 2);
  // Differs from Linux: caches are a guess, an eighth of the memory as far as it is free.
  return { total, used, cached: Math.min(total - used, Math.trunc(total / 8)) };
}

const units: Readonly<Record<string, number>> = { b: 1, k: kibibyte, m: kibibyte ** 2, g: kibibyte ** 3 };

/** `free`, `free -m`, `free -h`. */
export const free = tool(
  { short: 'bkmghs:c:wtl', long: { bytes: 'b', kibi: 'k', mebi: 'm', gibi: 'g', human: 'h', wide: 'w', total: 't' }, usage: '[options]' },
  function* (sys, options) {
    const { total, used, cached } = memoryOf(sys);
    const unit = options.order.findLast((letter) => letter in units) ?? 'k';
    const show = (bytes: number): string =>
      options.has('h') ? `${humanSize(bytes)}${bytes === 0 ? 'B' : 'i'}` : String(Math.trunc(bytes / units[unit]!));
    const row = (name: string, amounts: readonly number[]): string =>
      `${name.padEnd(8)}${amounts.map((amount) => show(amount).padStart(12)).join('')}\n`;
    const memory = [total, used, total - used - cached, 0, cached, total - used];
    const header = ['total', 'used', 'free', 'shared', 'buff/cache', 'available'].map((name) => name.padStart(12)).join('');
    yield* sys.print(1, `${' '.repeat(8)}${header}\n${row('Mem:', memory)}${row('Swap:', [0, 0, 0])}`);
    return 0;
  },
);

interface Sample {
  readonly atMs: number;
  readonly seen: readonly SeenProcess[];
  readonly cpuMs: ReadonlyMap<Process, number>;
}

function sample(sys: Sys): Sample {
  const seen = seenProcesses(sys);
  return { atMs: sys.nowMs, seen, cpuMs: new Map(seen.map(({ process, cpuMs }) => [process, cpuMs])) };
}

/** The page, and what the next one is compared with. `before` is absent for the first: then it is since each process began. */
function page(sys: Sys, before: Sample | undefined): { readonly lines: string[]; readonly now: Sample } {
  const now = sample(sys);
  const { total, used, cached } = memoryOf(sys);
  const processes = now.seen.map(({ process, pid, user, cpuMs, memoryBytes }) => {
    const sinceMs = now.atMs - (before?.cpuMs.has(process) ? before.atMs : process.startedMs);
    const share = sinceMs > 0 ? ((cpuMs - (before?.cpuMs.get(process) ?? 0)) / sinceMs) * 100 : 0;
    return { process, pid, user, cpuMs, share, bytes: memoryBytes };
  });
  const count = (state: string): number => processes.filter(({ process }) => process.state === state).length;
  const running = processes.filter(({ process, share }) => process.state === 'running' || process.state === 'ready' || share > 50).length;
  const [stopped, zombies] = [count('stopped'), count('zombie')];
  const busy = Math.min(
    100,
    processes.reduce((sum, { share }) => sum + share, 0),
  );
  const mebibytes = (bytes: number): string => (bytes / kibibyte ** 2).toFixed(1).padStart(8);
  const percent = (value: number): string => value.toFixed(1).padStart(5);
  const rows = processes
    .sort((a, b) => b.share - a.share || a.pid - b.pid)
    .map(({ process, pid, user, cpuMs, share, bytes }) => {
      const name = process.argv[0]!.slice(process.argv[0]!.lastIndexOf('/') + 1);
      const time = `${Math.floor(cpuMs / 60_000)}:${((cpuMs % 60_000) / 1000).toFixed(2).padStart(5, '0')}`;
      const state =
        process.state === 'zombie' ? 'Z' : process.state === 'stopped' ? 'T' : share > 50 || process.pid === sys.pid ? 'R' : 'S';
      const size = String(Math.round(bytes / kibibyte)).padStart(6);
      return `${String(pid).padStart(7)} ${user.padEnd(8)}  20   0 ${String(Math.round(bytes / kibibyte) * 4).padStart(7)} ${size} ${size} ${state} ${percent(share)} ${percent((bytes / total) * 100)} ${time.padStart(9)} ${name}`;
    });
  return {
    now,
    lines: [
      `top - ${formatDate(sys.kernel.clock.unixMs, '%T')} up ${Math.floor(sys.nowMs / 60_000)} min,  0 users,  load average: ${[1, 1, 1].map(() => (busy / 100).toFixed(2)).join(', ')}`,
      `Tasks: ${String(processes.length).padStart(3)} total, ${String(running).padStart(3)} running, ${String(processes.length - running - stopped - zombies).padStart(3)} sleeping, ${String(stopped).padStart(3)} stopped, ${String(zombies).padStart(3)} zombie`,
      `%Cpu(s): ${percent(busy)} us,   0.0 sy,   0.0 ni, ${percent(100 - busy)} id,   0.0 wa,   0.0 hi,   0.0 si,   0.0 st`,
      `MiB Mem : ${mebibytes(total)} total, ${mebibytes(total - used - cached)} free, ${mebibytes(used)} used, ${mebibytes(cached)} buff/cache`,
      `MiB Swap: ${mebibytes(0)} total, ${mebibytes(0)} free, ${mebibytes(0)} used. ${mebibytes(total - used)} avail Mem`,
      '',
      '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
      ...rows,
    ],
  };
}

/** Draws anew every few seconds, until `q` or Ctrl-C. */
function* interactive(sys: Sys, delayMs: number): Call<number> {
  const screen = new FullScreen(sys, { signals: true });
  sys.onSignal('INT', 'catch');
  yield* screen.enter();
  let before: Sample | undefined;
  for (;;) {
    const { lines, now } = page(sys, before);
    before = now;
    yield* screen.draw(lines.map((line) => line.slice(0, screen.columns)));
    const alarm = sys.kernel.loop.timer(delayMs, () => sys.machine.processes.has(sys.pid) && sys.kill(sys.pid, 'WINCH'), true);
    const key = yield* screen.key();
    alarm.cancel();
    if (key === 'q' || key === 'SIGINT') break;
  }
  yield* screen.leave();
  return 0;
}

/** `top`, and `top -b -n 1` for a pipe. */
export const top = tool({ short: 'bn:d:p:u:o:HcS', long: {}, usage: '[options]' }, function* (sys, options) {
  const delayMs = Number(options.value('d') ?? '3') * 1000;
  const rounds = options.value('n') === undefined ? Number.POSITIVE_INFINITY : Number(options.value('n'));
  if (!(delayMs >= 0) || Number.isNaN(rounds)) return yield* complain(sys, `bad argument '${options.value('n') ?? options.value('d')}'`);
  if (!options.has('b')) {
    if (!sys.tty) return yield* complain(sys, 'failed tty get');
    return yield* interactive(sys, Math.max(100, delayMs));
  }
  let before: Sample | undefined;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) yield* sys.sleep(delayMs);
    const { lines, now } = page(sys, before);
    before = now;
    yield* sys.print(1, `${round > 0 ? '\n' : ''}${lines.join('\n')}\n`);
  }
  return 0;
});
