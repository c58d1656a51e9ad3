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
