/** Programs that take as much CPU and memory as they are told: polinux/stress and vish/stress. */
import { parseDuration } from '../../machinery/duration.ts';
import { quantityComplaint, quantityValue } from '../../machinery/quantity.ts';
import type { Call, Sys } from '../../kernel/index.ts';
import { cgroupOf } from '../../node/container-runtime/cgroup.ts';
import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

const units: Readonly<Record<string, number>> = { '': 1, B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const times: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const flags: Readonly<Record<string, string>> = { '-c': 'cpu', '-i': 'io', '-m': 'vm', '-d': 'hdd', '-t': 'timeout', '-v': 'verbose' };
const known = new Set([
  'cpu',
  'io',
  'vm',
  'hdd',
  'timeout',
  'verbose',
  'quiet',
  'vm-bytes',
  'vm-stride',
  'vm-hang',
  'vm-keep',
  'hdd-bytes',
]);
const withoutValue = new Set(['verbose', 'quiet', 'vm-keep']);

/** `stress --cpu 2 --vm 1 --vm-bytes 150M --timeout 60s`, Amos Waterland's. */
function* stress(sys: Sys): Call<number> {
  const options = new Map<string, string>();
  const args = sys.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const [flag = '', inline] = args[i]!.split('=') as [string, string?];
    const name = flags[flag] ?? flag.replace(/^--/, '');
    if (!flag.startsWith('-') || !known.has(name)) {
      yield* sys.print(2, `stress: FAIL: [${sys.pid}] (244) unrecognized option: ${args[i]}\n`);
      return 1;
    }
    options.set(name, withoutValue.has(name) ? '' : (inline ?? args[++i] ?? ''));
  }
  const count = (name: string): number => Number(options.get(name) ?? 0);
  const [cpu, io, vm, hdd] = [count('cpu'), count('io'), count('vm'), count('hdd')];
  if (cpu + io + vm + hdd === 0) {
    yield* sys.print(1, "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
    return 0;
  }
  const [, amount = '256', unit = 'M'] = /^(\d+)([BKMG]?)$/i.exec(options.get('vm-bytes') ?? '256M') ?? [];
  yield* sys.print(1, `stress: info: [${sys.pid}] dispatching hogs: ${cpu} cpu, ${io} io, ${vm} vm, ${hdd} hdd\n`);
  const group = cgroupOf(sys);
  // A worker that hangs rests between its turns; one that does not writes its memory all the time.
  group?.addLoad((cpu + (options.has('vm-hang') ? 0 : vm)) * 1000);
  group?.charge(vm * Number(amount) * units[unit.toUpperCase()]!);
  const [, seconds, scale = ''] = /^(\d+)([smhd]?)$/.exec(options.get('timeout') ?? '') ?? [];
  if (seconds === undefined) yield* sys.pause();
  else yield* sys.sleep(Number(seconds) * times[scale]! * 1000);
  yield* sys.print(1, `stress: info: [${sys.pid}] successful run completed in ${seconds ?? 0}s\n`);
  return 0;
}

/** `stress -cpus 2 -mem-total 150Mi -mem-alloc-size 10Mi -mem-alloc-sleep 1s`, as kubernetes.io's tasks use it. */
function* vishStress(sys: Sys): Call<number> {
  const options = new Map<string, string>();
  const args = sys.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const [, name, inline] = /^--?([a-z-]+)(?:=(.*))?$/.exec(args[i]!) ?? [];
    if (name === undefined || !['cpus', 'mem-total', 'mem-alloc-size', 'mem-alloc-sleep', 'logtostderr'].includes(name)) {
      yield* sys.print(2, `flag provided but not defined: ${args[i]}\nUsage of ${sys.argv[0]}:\n`);
      return 2;
    }
    options.set(name, inline ?? (name === 'logtostderr' ? '' : (args[++i] ?? '')));
  }
  const bytes = (name: string, fallback: string): number => {
    const text = options.get(name) ?? fallback;
    return quantityComplaint(text) === undefined ? quantityValue(text) : 0;
  };
  const cpus = Number(options.get('cpus') ?? 0);
  const total = bytes('mem-total', '0');
  const step = Math.max(1, bytes('mem-alloc-size', '4Ki'));
  const sleepMs = parseDuration(options.get('mem-alloc-sleep') ?? '1ms') ?? 1;
  const quoted = (name: string, fallback: string): string => JSON.stringify(options.get(name) ?? fallback);
  yield* sys.print(
    2,
    `I main.go:26] Allocating ${quoted('mem-total', '0')} memory, in ${quoted('mem-alloc-size', '4Ki')} chunks, with a ${options.get('mem-alloc-sleep') ?? '1ms'} sleep between allocations\n`,
  );
  for (let i = 0; i < cpus; i++) yield* sys.print(2, 'I main.go:39] Spawning a thread to consume CPU\n');
  const group = cgroupOf(sys);
  group?.addLoad(cpus * 1000);
  // Many small steps are taken together, so that no more than a thousand turns are needed.
  const stepsAtOnce = Math.max(1, Math.ceil(total / step / 1000));
  for (let taken = 0; taken < total; ) {
    const next = Math.min(total - taken, step * stepsAtOnce);
    group?.charge(next);
    taken += next;
    yield* sys.sleep(sleepMs * stepsAtOnce);
  }
  yield* sys.print(2, `I main.go:29] Allocated ${quoted('mem-total', '0')} memory\n`);
  yield* sys.pause();
  return 0;
}

/** CPU and memory on demand. */
export const stressImages: readonly ImageDefinition[] = [
  {
    repository: 'docker.io/polinux/stress',
    versions: [{ tags: ['latest', '1.0.4'], sizeBytes: 4_041_495 }],
    config: { cmd: ['/usr/local/bin/stress', '--verbose', '--vm', '1', '--vm-bytes', '256M'] },
    files: (_version, programs) => ({ ...busyboxFiles(programs), '/usr/local/bin/stress': stress }),
  },
  {
    repository: 'docker.io/vish/stress',
    versions: [{ tags: ['latest'], sizeBytes: 1_591_408 }],
    config: { entrypoint: ['/stress', '-logtostderr'] },
    files: () => ({ '/stress': vishStress }),
  },
];
