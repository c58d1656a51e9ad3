import type { Call } from '../../../../emulator/kernel/index.ts';
import { CommandError } from '../../errors.ts';
import { commandHelp } from '../../help.ts';
import type { Invocation } from '../../invocation.ts';

/** The arguments when there are as many as there must be; else the help is printed before the complaint. */
export function* exactly(invocation: Invocation, count: number, word = 'Unexpected'): Call<readonly string[]> {
  const { args } = invocation;
  if (args.length === count) return args;
  yield* invocation.out(commandHelp(invocation.command, invocation.commandPath));
  throw new CommandError(`${word} args: [${args.join(' ')}]`);
}
