/** Commands from standard input that is no terminal: each is run as soon as it is complete, before the next line is read. */
import { createLineReader, textOf } from '../../emulator/kernel/index.ts';
import type { Call } from '../../emulator/kernel/index.ts';
import { isIncomplete } from './interaction.ts';
import { ErrExit } from './interpreter.ts';
import type { Shell } from './interpreter.ts';
import { parse } from './parse.ts';

/**
 * Runs until the end of input, `exit`, or an error under `set -e`. Other than in bash, input is read ahead by blocks: a command
 * that reads standard input itself does not see the lines that follow.
 */
export function* runStandardInput(shell: Shell): Call<number> {
  const lines = createLineReader(shell.sys, 0);
  // Lines already run stand as empty ones before the command at hand, so that messages carry the right line number.
  for (let done = 0, pending = '', count = 0; ; ) {
    const line = yield* lines.next();
    if (line !== undefined) {
      pending += `${textOf(line)}\n`;
      count++;
      if (isIncomplete(parse(pending), pending)) continue;
    }
    if (pending.trim() !== '') {
      try {
        yield* shell.source('\n'.repeat(done) + pending, '');
      } catch (error) {
        if (!(error instanceof ErrExit)) throw error;
        shell.reset();
        break;
      }
    }
    if (line === undefined || shell.flow) break;
    done += count;
    [pending, count] = ['', 0];
  }
  yield* shell.runExitTrap();
  return shell.state.status;
}
