import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { formatPrintf } from '../format.ts';
import type { Shell } from '../interpreter.ts';

export function* printf(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  let variable: string | undefined;
  if (args[0] === '-v') variable = args.splice(0, 2)[1];
  if (args[0] === '--') args.shift();
  const [format, ...values] = args;
  if (format === undefined) {
    yield* shell.sys.print(2, 'printf: usage: printf [-v var] format [arguments]\n');
    return 2;
  }
  const { text, errors } = formatPrintf(format, values, { unixMs: shell.sys.kernel.clock.unixMs });
  for (const error of errors) yield* shell.complain(`printf: ${error}`);
  if (variable !== undefined) shell.set(variable, text);
  else {
    try {
      yield* shell.sys.print(1, text);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return yield* shell.complain(`printf: write error: ${error.message}`);
    }
  }
  return errors.length > 0 ? 1 : 0;
}
