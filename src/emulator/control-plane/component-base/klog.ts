import type { Sys } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { civilTime } from '../../kernel/time.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** One line as klog writes it: `I1121 06:41:21.123000       1 leaderelection.go:257] message`. It never blocks; a full pipe loses it. */
export function klog(sys: Sys, severity: 'I' | 'W' | 'E' | 'F', source: string, message: string): void {
  const t = civilTime(sys.kernel.clock.unixMs);
  const stamp = `${two(t.month)}${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')}000`;
  sys.tryWrite(2, utf8(`${severity}${stamp} ${String(sys.pid).padStart(7)} ${source}] ${message}\n`));
}
