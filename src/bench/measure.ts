/** Wall time and heap, measured in this process. */
export function wallMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** CPU time of all threads, for work that others on the machine should not slow down. */
export function cpuMs(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The median of several runs, for figures of milliseconds. */
export function medianMs(runs: number, work: () => void): number {
  const times = Array.from({ length: runs }, () => wallMs(work)).sort((a, b) => a - b);
  return times[Math.floor(runs / 2)]!;
}

/** Bytes on the heap after collection. Node must run with --expose-gc. */
export function heapBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error('run with --expose-gc');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
