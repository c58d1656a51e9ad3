/** A fingerprint of all that happened: two runs of the same seed and input have the same one. */
import type { Trace, TraceRecord } from '../emulator/kernel/index.ts';

export interface TraceHash {
  /** Hexadecimal, of the records so far. */
  readonly value: string;
  readonly records: number;
}

/** FNV-1a over the records as JSON, in two lanes. Not for secrets: for telling runs apart. */
export function hashTrace(trace: Trace): TraceHash {
  let [low, high] = [0x811c9dc5, 0xcbf29ce4];
  let records = 0;
  trace.listen((record: TraceRecord) => {
    records++;
    const text = JSON.stringify(record);
    for (let i = 0; i < text.length; i++) {
      low = Math.imul(low ^ text.charCodeAt(i), 0x01000193) >>> 0;
      high = Math.imul(high + text.charCodeAt(i), 0x9e3779b1) >>> 0;
    }
  });
  return {
    get value() {
      return low.toString(16).padStart(8, '0') + high.toString(16).padStart(8, '0');
    },
    get records() {
      return records;
    },
  };
}
