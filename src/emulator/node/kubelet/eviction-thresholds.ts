/** Eviction thresholds of the kubelet's configuration (upstream pkg/kubelet/eviction/helpers.go, ParseThresholdConfig). */
import { parseDuration } from '../../machinery/duration.ts';
import { parseQuantity, quantityComplaint, quantityOf } from '../../machinery/quantity.ts';

/** What is measured here. Images and what Pods write lie on one disk; upstream's signals of a filesystem of its own for containers measure nothing. */
export type Signal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'pid.available';

export interface Threshold {
  readonly signal: Signal;
  /** Of the capacity, 0 to 1; or bytes. */
  readonly share: number | undefined;
  readonly bytes: number;
  /** How much more must be free until it no longer counts as met: a share of the capacity, or bytes. */
  readonly reclaim: { readonly share: number | undefined; readonly bytes: number };
  /** How long it must be met; 0 for a hard one. */
  readonly graceMs: number;
}

export interface EvictionSettings {
  readonly thresholds: readonly Threshold[];
  /** Seconds that a Pod gets when a soft threshold ends it. */
  readonly maxPodGraceSeconds: number;
  readonly transitionMs: number;
  /** Set in the file, and not only by default: then the node is looked at from the start. */
  readonly isCustom: boolean;
}

/** Fields of the file. */
export interface EvictionFields {
  readonly evictionHard?: Readonly<Record<string, string>>;
  readonly evictionSoft?: Readonly<Record<string, string>>;
  readonly evictionSoftGracePeriod?: Readonly<Record<string, string>>;
  readonly evictionMinimumReclaim?: Readonly<Record<string, string>>;
  readonly mergeDefaultEvictionSettings?: boolean;
  readonly evictionMaxPodGracePeriod?: number;
  readonly evictionPressureTransitionPeriod?: string;
}

const signals = new Set([
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'containerfs.available',
  'containerfs.inodesFree',
  'pid.available',
]);
const defaults = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};
const measured: ReadonlySet<string> = new Set([...Object.keys(defaults), 'pid.available']);
const defaultTransitionMs = 300_000;

function amountOf(value: string): { readonly share: number | undefined; readonly bytes: number } {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
  if (percent === undefined && quantityComplaint(value) !== undefined)
    throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`);
  return {
    share: percent === undefined ? undefined : Number(percent) / 100,
    bytes: percent === undefined ? Number(parseQuantity(value).nanos / 1_000_000_000n) : 0,
  };
}

function thresholdOf(signal: string, value: string, graceMs: number, reclaim = '0'): Threshold {
  return { signal: signal as Signal, ...amountOf(value), reclaim: amountOf(reclaim), graceMs };
}

/** Throws an Error with upstream's words for what cannot be used. */
export function evictionSettings(file: EvictionFields): EvictionSettings {
  const thresholds: Threshold[] = [];
  const add = (statements: Readonly<Record<string, string>>, graceOf: (signal: string) => number): void => {
    for (const [signal, value] of Object.entries(statements)) {
      if (!signals.has(signal)) throw new Error(`unsupported eviction signal ${signal}`);
      const graceMs = graceOf(signal);
      if (measured.has(signal)) thresholds.push(thresholdOf(signal, value, graceMs, file.evictionMinimumReclaim?.[signal]));
    }
  };
  add(file.mergeDefaultEvictionSettings ? { ...defaults, ...file.evictionHard } : (file.evictionHard ?? defaults), () => 0);
  add(file.evictionSoft ?? {}, (signal) => {
    const grace = parseDuration(file.evictionSoftGracePeriod?.[signal] ?? '');
    if (grace === undefined) throw new Error(`grace period must be specified for the soft eviction threshold ${signal}`);
    return grace;
  });
  return {
    thresholds,
    maxPodGraceSeconds: file.evictionMaxPodGracePeriod ?? 0,
    transitionMs: parseDuration(file.evictionPressureTransitionPeriod ?? '') || defaultTransitionMs,
    isCustom: file.evictionHard !== undefined || file.evictionSoft !== undefined,
  };
}

/** Signals that a file names and nothing here measures. */
export function unmeasured({ evictionHard = {}, evictionSoft = {} }: EvictionFields): readonly string[] {
  return [...new Set([...Object.keys(evictionHard), ...Object.keys(evictionSoft)])].filter((signal) => !measured.has(signal));
}

/** Bytes that must be left. */
export function bytesOf({ share, bytes }: Pick<Threshold, 'share' | 'bytes'>, capacity: number): number {
  return share === undefined ? bytes : Math.trunc(share * capacity);
}

/** `512Mi`. */
export function binaryText(bytes: number): string {
  return quantityOf(BigInt(Math.round(bytes)) * 1_000_000_000n, 'BinarySI').text;
}
