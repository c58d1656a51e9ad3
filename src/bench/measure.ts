/** Wall time and heap, measured in this process. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
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

/** Kinds of things on a heap that programs make; all others are the engine's, which goes on compiling for hundreds of rounds. */
const ofPrograms: ReadonlySet<string> = new Set([
  'array',
  'bigint',
  'closure',
  'concatenated string',
  'number',
  'object',
  'regexp',
  'sliced string',
  'string',
  'symbol',
]);

interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] } };
  readonly nodes: readonly number[];
}

/** Bytes that programs hold after collection: without code, hidden classes and what the engine has learnt about either. */
export function dataBytes(): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-'));
  try {
    const file = v8.writeHeapSnapshot(path.join(folder, 'of.heapsnapshot'));
    const { snapshot, nodes } = JSON.parse(fs.readFileSync(file, 'utf8')) as HeapSnapshot;
    const { node_fields: fields, node_types: types } = snapshot.meta;
    const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
    let bytes = 0;
    for (let i = 0; i < nodes.length; i += fields.length) if (ofPrograms.has(types[0][nodes[i + type]!]!)) bytes += nodes[i + size]!;
    return bytes;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
