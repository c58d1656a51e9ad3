import type { Command } from 'unbash';
import { expandAssigned } from './expansion.ts';
import type { Shell } from './interpreter.ts';
import { quotedIfNeeded } from './quoting.ts';

/** What `set -x` prints of a simple command, without PS4: a line for each assignment that stands alone, and the words. */
export function traceWords(shell: Shell, node: Command, argv: readonly string[]): string[] {
  const assignments = node.prefix.flatMap((item) => {
    if (item.type !== 'Assignment') return [];
    if (item.value.type === 'ArrayValue' || item.index) return [item.text];
    return [`${item.name}${item.append ? '+' : ''}=${quotedIfNeeded(expandAssigned(item.value, shell)).replace(/^''$/, '')}`];
  });
  return argv.length > 0 ? [...assignments, argv.map(quotedIfNeeded).join(' ')] : assignments;
}

/** What `time` prints. Differs from Linux: only the time that passed is known, not how it was spent. */
export function elapsed(ms: number): string {
  const seconds = ms / 1000;
  return `\nreal\t${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s\n`;
}
