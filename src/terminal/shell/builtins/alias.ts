import type { Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { quoted } from '../quoting.ts';

export function* alias(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const { aliases } = shell.state;
  const show = (name: string): string => `alias ${name}=${quoted(aliases.get(name)!)}\n`;
  const words = args.filter((arg) => arg !== '-p');
  if (words.length === 0) yield* shell.sys.print(1, [...aliases.keys()].sort().map(show).join(''));
  let status = 0;
  for (const word of words) {
    const equals = word.indexOf('=', 1);
    if (equals > 0) aliases.set(word.slice(0, equals), word.slice(equals + 1));
    else if (aliases.has(word)) yield* shell.sys.print(1, show(word));
    else status = yield* shell.complain(`alias: ${word}: not found`);
  }
  return status;
}

export function* unalias(shell: Shell, [, ...names]: readonly string[]): Call<number> {
  if (names.length === 0) {
    yield* shell.sys.print(2, 'unalias: usage: unalias [-a] name [name ...]\n');
    return 2;
  }
  let status = 0;
  if (names[0] === '-a') shell.state.aliases.clear();
  else for (const name of names) if (!shell.state.aliases.delete(name)) status = yield* shell.complain(`unalias: ${name}: not found`);
  return status;
}
