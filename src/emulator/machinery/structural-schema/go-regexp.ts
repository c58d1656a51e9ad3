/**
 * Patterns in Go's syntax (RE2) as a JavaScript expression.
 * Differs from Kubernetes: JavaScript's engine backtracks, so that its limits are those of the longest value that may be stored.
 */
const known = new Map<string, RegExp | undefined>();
const maxKnown = 512;

/** Undefined for a pattern that cannot be read. */
export function goRegExp(pattern: string): RegExp | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (known.size >= maxKnown) known.clear();
  const made = compile(pattern);
  known.set(pattern, made);
  return made;
}

function compile(pattern: string): RegExp | undefined {
  // RE2 knows neither references back nor looking around.
  if (/\(\?<?[=!]|\\[1-9]/.test(pattern.replace(/\\\\/g, ''))) return undefined;
  let flags = 'u';
  let source = pattern;
  // Flags stand at the beginning, or behind its anchor.
  const leading = /^(\^?)\(\?([ims]+)\)/.exec(source);
  if (leading) {
    flags += leading[2];
    source = leading[1] + source.slice(leading[0].length);
  }
  source = source
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\[\[:(\w+):\]\]/g, (_, name: string) => `[${posix[name] ?? ''}]`)
    .replace(/\[:(\w+):\]/g, (_, name: string) => posix[name] ?? '');
  for (const candidate of [flags, flags.replace('u', '')]) {
    try {
      return new RegExp(source, candidate);
    } catch {
      // Without the flag for Unicode more escapes are allowed, as in Go.
    }
  }
  return undefined;
}

const posix: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  word: '\\w',
  xdigit: '0-9a-fA-F',
};
