import type { Sys } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { civilTime } from '../../kernel/time.ts';
import type { Flags } from './flags.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** One line as klog writes it: `I1121 06:41:21.123000       1 leaderelection.go:257] message`. It never blocks; a full pipe loses it. */
export function klog(sys: Sys, severity: 'I' | 'W' | 'E' | 'F', source: string, message: string): void {
  const t = civilTime(sys.kernel.clock.unixMs);
  const stamp = `${two(t.month)}${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')}000`;
  sys.tryWrite(2, utf8(`${severity}${stamp} ${String(sys.pid).padStart(7)} ${source}] ${message}\n`));
}

/** Says of each given flag that changes nothing here that it does not, so that nobody believes otherwise. */
export function warnWithoutEffect(sys: Sys, flags: Flags, names: readonly string[]): void {
  for (const name of names)
    if (flags.has(name)) klog(sys, 'W', 'flags.go:64', `"The flag is accepted, but changes nothing in this emulator" flag="--${name}"`);
}
