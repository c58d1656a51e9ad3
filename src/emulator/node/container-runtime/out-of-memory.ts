/** What the kernel says and does when memory runs out: of a control group, or of the whole machine (mm/oom_kill.c). */
import type { Machine } from '../../kernel/index.ts';
import type { Container } from './container.ts';
import { usageOf } from './usage.ts';

/** How the kubelet has placed a container: what the kernel knows of it. */
export interface Placement {
  /** The control group of its Pod. */
  readonly cgroupParent: string;
  /** Raises or lowers the chance to be ended when the machine's memory runs out: -1000 to 1000. */
  readonly oomScoreAdj: number;
}

const nowhere: Placement = { cgroupParent: '/kubepods.slice', oomScoreAdj: 0 };

/** The kernel's log, which a machine offers among its services. */
interface KernelLog {
  kernel(atMs: number, text: string, priority?: number): void;
}
const journalService = 'journal';

/** What the machine's own services take; they are never the victim here. */
const systemBytes = 318 * 1024 * 1024;
const pageBytes = 4096;

export interface OutOfMemory {
  readonly machine: Machine;
  readonly container: Container;
  readonly placement: Placement | undefined;
  readonly nowMs: number;
  /** Whether the whole machine ran out, and not only the container's control group. */
  readonly isSystem: boolean;
}

/** The first process of a container, by its command. */
export function victimOf({ process, argv }: Container): { readonly name: string; readonly pid: number } {
  const path = process?.argv[0] ?? argv[0] ?? '';
  return { name: path.slice(path.lastIndexOf('/') + 1).slice(0, 15), pid: process?.pid ?? 0 };
}

/** Writes what `dmesg` shows of a kill. */
export function logKill({ machine, container, placement = nowhere, nowMs, isSystem }: OutOfMemory): void {
  const log = machine.services.get(journalService) as KernelLog | undefined;
  if (!log) return;
  const { name, pid } = victimOf(container);
  const { config, limits, id } = container;
  const { cgroupParent: parent, oomScoreAdj: adjustment } = placement;
  const scope = `cri-containerd-${id}.scope`;
  const usedKb = Math.ceil(
    (isSystem ? usageOf(container, nowMs).memoryBytes : limits.memoryBytes || usageOf(container, nowMs).memoryBytes) / 1024,
  );
  const uid = config.user?.uid ?? 0;
  const totalKb = usedKb + 1240;
  const tables = Math.ceil(usedKb / 512) * 4;
  const say = (text: string, priority: number): void => log.kernel(nowMs, text, priority);
  say(`${name} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=${adjustment}`, 4);
  if (!isSystem) {
    say(`memory: usage ${usedKb}kB, limit ${usedKb}kB, failcnt 42`, 6);
    say(`Memory cgroup stats for ${parent}/${scope}:`, 6);
  }
  say('Tasks state (memory values in pages):', 6);
  say('[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name', 6);
  const pages = (kb: number): string => String(Math.ceil((kb * 1024) / pageBytes)).padStart(8);
  const number = String(pid).padStart(7);
  say(
    `[${number}] ${String(uid).padStart(5)} ${String(pid).padStart(5)} ${pages(totalKb)} ${pages(usedKb)} ${String(tables * 1024).padStart(14)} ${'0'.padStart(8)} ${String(adjustment).padStart(13)} ${name}`,
    6,
  );
  const constraint = isSystem ? 'CONSTRAINT_NONE' : 'CONSTRAINT_MEMCG';
  const where = isSystem ? 'global_oom' : `oom_memcg=${parent}/${scope}`;
  say(
    `oom-kill:constraint=${constraint},nodemask=(null),cpuset=${scope},mems_allowed=0,${where},task_memcg=${parent}/${scope},task=${name},pid=${pid},uid=${uid}`,
    6,
  );
  say(
    `${isSystem ? 'Out of memory' : 'Memory cgroup out of memory'}: Killed process ${pid} (${name}) total-vm:${totalKb}kB, anon-rss:${usedKb}kB, file-rss:0kB, shmem-rss:0kB, UID:${uid} pgtables:${tables}kB oom_score_adj:${adjustment}`,
    3,
  );
}

/** Whom the kernel ends when the machine itself has no memory left: the highest score of use and adjustment. Undefined while there is some. */
export function systemVictim(
  machine: Machine,
  containers: Iterable<Container>,
  placementOf: (container: Container) => Placement | undefined,
  nowMs: number,
): Container | undefined {
  const total = (machine.services.get('hardware') as { readonly memoryBytes: number } | undefined)?.memoryBytes;
  if (total === undefined) return undefined;
  let used = systemBytes;
  let worst: Container | undefined;
  let worstScore = Number.NEGATIVE_INFINITY;
  for (const container of containers) {
    if (container.state !== 'running' || container.isOutOfMemory) continue;
    const { memoryBytes } = usageOf(container, nowMs);
    used += memoryBytes;
    const score = (memoryBytes / total) * 1000 + (placementOf(container)?.oomScoreAdj ?? 0);
    if (score > worstScore) [worst, worstScore] = [container, score];
  }
  return used > total ? worst : undefined;
}
