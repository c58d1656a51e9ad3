/** A session at a terminal: prompt, read, run, until the end of input. */
import { forEachChild } from 'unbash';
import type { ParsedScript, SyntaxNode } from 'unbash';
import { Interrupted, createLineReader } from '../../emulator/kernel/index.ts';
import type { Call } from '../../emulator/kernel/index.ts';
import { ErrExit } from './interpreter.ts';
import type { Shell } from './interpreter.ts';
import { parse } from './parse.ts';
import { textOf } from '../../emulator/kernel/index.ts';

export function* interact(shell: Shell): Call<number> {
  const { sys } = shell;
  shell.isInteractive = true;
  shell.hasJobControl = true;
  sys.onSignal('INT', 'catch');
  for (const signal of ['TERM', 'TSTP', 'TTIN', 'TTOU', 'QUIT'] as const) sys.onSignal(signal, 'shield');
  sys.setForeground(sys.pgid);
  const lines = createLineReader(sys, 0);
  for (let pending = ''; ; ) {
    try {
      yield* sys.print(1, pending === '' ? '$ ' : '> ');
      const line = yield* lines.next();
      if (line === undefined) return shell.state.status;
      pending += `${textOf(line)}\n`;
      if (isIncomplete(parse(pending), pending)) continue;
      yield* shell.source(pending);
    } catch (error) {
      if (error instanceof ErrExit) return shell.state.status;
      if (!(error instanceof Interrupted)) throw error;
      shell.noteSignals();
      shell.reset();
    }
    if (shell.flow?.kind === 'interrupt') shell.state.status = shell.state.status || 130;
    shell.flow = undefined;
    pending = '';
    for (const line of shell.jobs.report()) yield* sys.print(2, `${line}\n`);
  }
}

/** Whether more lines could complete the input. unbash has no flag for it, and none of its own for a here-document. */
export function isIncomplete(script: ParsedScript, source: string): boolean {
  if (/(^|[^\\])(\\\\)*\\\n$/.test(source)) return true;
  const end = source.trimEnd().length;
  if (script.errors?.some((e) => e.message.startsWith('unterminated') || (e.pos >= end && e.message !== 'expected redirect target'))) return true;
  let isOpen = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'HereDoc' && !node.closing) isOpen = true;
    else if (!isOpen) forEachChild(node, visit);
  };
  visit(script);
  return isOpen;
}
