import { forEachChild, parse } from 'unbash';
import type { ParsedScript, SyntaxNode } from 'unbash';
import { Interrupted, textOf } from '../../emulator/kernel/index.ts';
import { createLineReader, readAll } from '../../emulator/kernel/index.ts';
import type { Program, Call } from '../../emulator/kernel/index.ts';
import type { Sys } from '../../emulator/kernel/index.ts';
import { Shell } from './interpreter.ts';

/** sh: `sh -c command [name argument…]`, `sh script [argument…]`, or commands from standard input. */
export const sh: Program = function* (sys) {
  const [name = 'sh', ...args] = sys.argv;
  if (args[0] === '-c') return yield* createShell(sys, args[2] ?? name, args.slice(3)).main(args[1] ?? '');
  if (args[0] !== undefined) {
    const script = textOf(yield* readAll(sys, sys.open(args[0], 'read')));
    return yield* createShell(sys, args[0], args.slice(1)).main(script);
  }
  const shell = createShell(sys, name, []);
  if (sys.isatty(0)) return yield* interact(sys, shell);
  return yield* shell.main(textOf(yield* readAll(sys, 0)));
};

function createShell(sys: Sys, name: string, positional: readonly string[]): Shell {
  return new Shell(sys, {
    variables: new Map(sys.env),
    exported: new Set(sys.env.keys()),
    functions: new Map(),
    positional,
    name,
    shellPid: sys.pid,
    status: 0,
    lastBackground: undefined,
    isErrexit: false,
  });
}

function* interact(sys: Sys, shell: Shell): Call<number> {
  shell.isInteractive = true;
  sys.onSignal('INT', 'catch');
  sys.onSignal('TERM', 'ignore');
  sys.setForeground(sys.pgid);
  const lines = createLineReader(sys, 0);
  for (let pending = ''; ; ) {
    yield* sys.print(1, pending === '' ? '$ ' : '> ');
    try {
      const line = yield* lines.next();
      if (line === undefined) return shell.state.status;
      pending += `${line}\n`;
      const script = parse(pending);
      if (isIncomplete(script, pending)) continue;
      yield* script.errors ? shell.source(pending) : shell.script(script);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      shell.noteSignals();
    }
    if (shell.flow?.kind === 'interrupt') {
      shell.state.status = 130;
      yield* sys.print(1, '\n');
    }
    shell.flow = undefined;
    pending = '';
  }
}

/** Whether more lines could complete the input. unbash has no flag for it, and none of its own for a here-document. */
export function isIncomplete(script: ParsedScript, source: string): boolean {
  if (/\\\n$/.test(source)) return true;
  const end = source.trimEnd().length;
  if (script.errors?.some((e) => e.message.startsWith('unterminated') || e.pos >= end)) return true;
  let isOpen = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'HereDoc' && !node.closing) isOpen = true;
    else if (!isOpen) forEachChild(node, visit);
  };
  visit(script);
  return isOpen;
}
