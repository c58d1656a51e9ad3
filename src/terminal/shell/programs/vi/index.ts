/**
 * vi: the everyday keys of the editor that `kubectl edit` opens.
 *
 * Absent: macros, named registers and marks, windows, `:g`, shell escapes, folding, syntax colours.
 */
import type { Program } from '../../../../emulator/kernel/index.ts';
import { nameOf } from '../tool.ts';
import { Vi } from './editor.ts';

export const vi: Program = function* (sys) {
  const operands = sys.argv.slice(1).filter((arg) => !/^[-+]/.test(arg));
  if (!sys.isatty(1) || !sys.tty) {
    yield* sys.print(2, `${nameOf(sys)}: Warning: Output is not to a terminal\n`);
    return 1;
  }
  if (operands.length > 1) {
    yield* sys.print(2, `${nameOf(sys)}: this editor takes one file at a time\n`);
    return 1;
  }
  return yield* new Vi(sys, operands[0] ?? '').run();
};
