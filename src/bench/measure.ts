/** Wall time and heap, measured in this process. */
import v8 from 'node:v8';

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

/** As `heapBytes`, without compiled code: the engine goes on compiling for hundreds of rounds, and comes to an end of it. */
export function dataBytes(): number {
  const heap = heapBytes();
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = v8.getHeapCodeStatistics();
  return heap - code - bytecode;
}
