import { textOf } from '../../../emulator/kernel/index.ts';
import { unescaped } from '../escapes.ts';
import { UsageError, tool } from './tool.ts';

const span = (first: string, last: string): string[] => {
  const [from, to] = [first.codePointAt(0)!, last.codePointAt(0)!];
  if (to < from) throw new UsageError(`range-endpoints of '${first}-${last}' are in reverse collating sequence order`, { hint: false });
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
};

const classes: Readonly<Record<string, () => string[]>> = {
  lower: () => span('a', 'z'),
  upper: () => span('A', 'Z'),
  digit: () => span('0', '9'),
  alpha: () => [...span('A', 'Z'), ...span('a', 'z')],
  alnum: () => [...span('0', '9'), ...span('A', 'Z'), ...span('a', 'z')],
  space: () => ['\t', '\n', '\v', '\f', '\r', ' '],
  blank: () => ['\t', ' '],
  punct: () => [...span('!', '/'), ...span(':', '@'), ...span('[', '`'), ...span('{', '~')],
  cntrl: () => [...span('\0', '\x1f'), '\x7f'],
  print: () => span(' ', '~'),
  graph: () => span('!', '~'),
  xdigit: () => [...span('0', '9'), ...span('A', 'F'), ...span('a', 'f')],
};

function expandSet(text: string): string[] {
  const chars: string[] = [];
  const escapedClass = text.replace(/\[:(\w+):\]/g, (_, name: string) => {
    if (!classes[name]) throw new UsageError(`invalid character class '${name}'`, { hint: false });
    return `\u{f0000}${name}\u{f0000}`;
  });
  const plain = [...unescaped(escapedClass).text];
  for (let i = 0; i < plain.length; i++) {
    if (plain[i] === '\u{f0000}') {
      const end = plain.indexOf('\u{f0000}', i + 1);
      chars.push(...classes[plain.slice(i + 1, end).join('')]!());
      i = end;
    } else if (plain[i + 1] === '-' && i + 2 < plain.length) {
      chars.push(...span(plain[i]!, plain[i + 2]!));
      i += 2;
    } else chars.push(plain[i]!);
  }
  return chars;
}

export const tr = tool(
  {
    short: 'cCdst',
    long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
    usage: '[OPTION]... STRING1 [STRING2]',
    stopsAtOperand: true,
  },
  function* (sys, options) {
    const [first, second] = options.operands;
    const deletes = options.has('d');
    const squeezes = options.has('s');
    if (first === undefined) throw new UsageError('missing operand');
    if (second === undefined && !deletes && !squeezes)
      throw new UsageError(`missing operand after '${first}'\nTwo strings must be given when translating.`);
    const set = expandSet(first);
    const target = second === undefined ? undefined : expandSet(second);
    const isComplement = options.has('c') || options.has('C');
    const inSet = new Set(set);
    const matches = (char: string): boolean => inSet.has(char) !== isComplement;
    const map = new Map(set.map((char, i) => [char, target?.[Math.min(i, target.length - 1)] ?? char] as const).reverse());
    const squeezed = new Set(target ?? []);
    const isSqueezed = (char: string): boolean => (target ? squeezed.has(char) : matches(char));
    let last = '';
    for (let data = yield* sys.read(0); data !== ''; data = yield* sys.read(0)) {
      let out = '';
      for (const char of textOf(data)) {
        if (deletes && matches(char)) continue;
        const to = deletes || !target || !matches(char) ? char : isComplement ? target.at(-1)! : map.get(char)!;
        if (squeezes && to === last && isSqueezed(to)) continue;
        last = to;
        out += to;
      }
      yield* sys.print(1, out);
    }
    return 0;
  },
);
