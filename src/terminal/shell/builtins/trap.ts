import { parseSignal } from '../../../emulator/kernel/index.ts';
import type { Call, Signal } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { quoted } from '../quoting.ts';

type Trapped = Signal | 'EXIT' | 'ERR';

function trapped(name: string): Trapped | undefined {
  const bare = name.toUpperCase().replace(/^SIG/, '');
  return bare === 'EXIT' || name === '0' ? 'EXIT' : bare === 'ERR' ? 'ERR' : parseSignal(name);
}

export function* trap(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  if (args[0] === '--') args.shift();
  if (args.length === 0 || args[0] === '-p') {
    const lines = [...shell.traps].map(
      ([signal, action]) => `trap -- ${quoted(action)} ${signal === 'EXIT' || signal === 'ERR' ? signal : `SIG${signal}`}\n`,
    );
    yield* shell.sys.print(1, lines.join(''));
    return 0;
  }
  // A single argument, or a number first, means: back to the default.
  const isReset = args.length === 1 || /^\d+$/.test(args[0]!);
  const [action, ...names] = isReset ? ['-', ...args] : args;
  let status = 0;
  for (const name of names) {
    const signal = trapped(name);
    if (!signal) {
      status = yield* shell.complain(`trap: ${name}: invalid signal specification`);
      continue;
    }
    if (action === '-') shell.traps.delete(signal);
    else shell.traps.set(signal, action!);
    if (signal === 'EXIT' || signal === 'ERR') continue;
    const keeps = shell.isInteractive && (signal === 'INT' || signal === 'TERM' || signal === 'TSTP');
    shell.sys.onSignal(
      signal,
      action === '-' ? (keeps ? (signal === 'INT' ? 'catch' : 'shield') : 'default') : action === '' ? 'ignore' : 'catch',
    );
  }
  return status;
}
