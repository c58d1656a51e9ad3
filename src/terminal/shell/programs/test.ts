import type { Program } from '../../../emulator/kernel/index.ts';
import { Shell } from '../interpreter.ts';
import { createState } from '../state.ts';

/** `test` and `[` as files, for `find -exec`, `xargs` and probes without a shell: the builtin in a shell of its own. */
export const test: Program = function* (sys) {
  const shell = new Shell(sys, createState(sys, { name: sys.argv[0]!, positional: [], isScript: false, isInteractive: true }));
  shell.isInteractive = true;
  const result = shell.invoke([sys.argv[0]!.endsWith('[') ? '[' : 'test', ...sys.argv.slice(1)]);
  return typeof result === 'number' ? result : yield* result;
};
