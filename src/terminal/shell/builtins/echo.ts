import { unescaped } from '../escapes.ts';
import type { Maybe, Shell } from '../interpreter.ts';

/** What `echo` prints of its arguments. */
export function echoText(args: readonly string[]): string {
  let isBare = false;
  let isEscaped = false;
  let first = 0;
  while (/^-[neE]+$/.test(args[first] ?? '')) {
    for (const flag of args[first]!.slice(1)) {
      if (flag === 'n') isBare = true;
      else isEscaped = flag === 'e';
    }
    first++;
  }
  const text = args.slice(first).join(' ');
  if (!isEscaped) return isBare ? text : `${text}\n`;
  const { text: out, stops } = unescaped(text, { echo: true });
  return isBare || stops ? out : `${out}\n`;
}

export const echo = (shell: Shell, [, ...args]: readonly string[]): Maybe<number> => shell.print(echoText(args));
