import type { Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';

/** Where inside of a word like `-abc` the next option stands. */
const offsets = new WeakMap<Shell, { readonly index: number; readonly offset: number }>();

export function* getopts(shell: Shell, [, spec, name, ...args]: readonly string[]): Call<number> {
  if (spec === undefined || name === undefined) {
    yield* shell.sys.print(2, 'getopts: usage: getopts optstring name [arg ...]\n');
    return 2;
  }
  const words = args.length > 0 ? args : shell.positional;
  let index = Number(shell.get('OPTIND') ?? 1);
  const known = offsets.get(shell);
  const offset = known?.index === index ? known.offset : 1;
  const word = words[index - 1];
  if (word === undefined || !/^-./.test(word) || word === '--') {
    if (word === '--') shell.set('OPTIND', String(index + 1));
    shell.set(name, '?');
    return 1;
  }
  const option = word[offset]!;
  const at = option === ':' ? -1 : spec.replace(/^:/, '').indexOf(option);
  const takesValue = at >= 0 && spec.replace(/^:/, '')[at + 1] === ':';
  const isLast = offset + 1 >= word.length;
  offsets.set(shell, { index, offset: offset + 1 });
  if (isLast || takesValue) index++;
  let value: string | undefined;
  let result = option;
  if (at < 0) {
    result = '?';
    if (spec.startsWith(':')) value = option;
    else yield* shell.sys.print(2, `${shell.state.name}: illegal option -- ${option}\n`);
  } else if (takesValue) {
    value = isLast ? words[index++ - 1] : word.slice(offset + 1);
    if (value === undefined) {
      result = spec.startsWith(':') ? ':' : '?';
      if (spec.startsWith(':')) value = option;
      else yield* shell.sys.print(2, `${shell.state.name}: option requires an argument -- ${option}\n`);
    }
  }
  shell.set('OPTIND', String(index));
  if (value === undefined) shell.state.variables.unset('OPTARG');
  else shell.set('OPTARG', value);
  shell.set(name, result);
  return 0;
}
